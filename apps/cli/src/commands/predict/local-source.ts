import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CHECKPOINT_FILES, RefusedInputError } from '#contracts';

/** The weights file that a path means: itself, or of a checkpoint's folder the average (EMA) where it holds one. */
export async function weightsFileOf(path: string, ema: boolean | undefined): Promise<string> {
  if (!(await kindOf(path)).isFolder) {
    if (ema === undefined) return path;
    throw new RefusedInputError(`${path} is one file of weights`, [
      { path: ema ? '--ema' : '--no-ema', message: 'is of a run, or of the folder of a checkpoint' },
    ]);
  }
  const average = join(path, CHECKPOINT_FILES.average);
  const trained = join(path, CHECKPOINT_FILES.weights);
  const hasAverage = (await kindOf(average)).isFile;
  if (ema === true && !hasAverage) throw new RefusedInputError(`there is no ${average}: the run kept no average`);
  if (ema !== false && hasAverage) return average;
  if ((await kindOf(trained)).isFile) return trained;
  throw new RefusedInputError(`${path} is no checkpoint: it has no ${CHECKPOINT_FILES.weights}`);
}

async function kindOf(path: string): Promise<{ isFile: boolean; isFolder: boolean }> {
  const found = await stat(path).catch(() => undefined);
  return { isFile: found?.isFile() === true, isFolder: found?.isDirectory() === true };
}
