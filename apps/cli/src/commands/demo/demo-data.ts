import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { RefusedInputError } from '#contracts';
import { makeShapesDataset } from '#dataset';
import type { DemoOptions } from './demo-options.js';
import type { DemoData } from './demo-spec.js';

/** The data set of the demo: the folder that was named, or the shapes data set, made where it is not there yet. */
export async function prepareDemoData(
  options: DemoOptions,
  note: (line: string) => void,
  signal: AbortSignal,
): Promise<DemoData> {
  if (options.data !== undefined) return inspectFolder(resolve(options.data));
  const folder = resolve(options.dataDir, 'shapes');
  let isSaid = false;
  const { classes, numWritten } = await makeShapesDataset(folder, {
    signal,
    onProgress: ({ total }) => {
      if (!isSaid) note(`drawing the shapes data set: ${total} images in ${folder}`);
      isSaid = true;
    },
  });
  note(`data set: ${folder}, ${classes.length} classes${numWritten === 0 ? ', already there' : ''}`);
  return { folder, numClasses: classes.length };
}

/** Class folders are counted only; the coordinator looks at every image and names what it cannot read. */
async function inspectFolder(folder: string): Promise<DemoData> {
  const faults: { path: string; message: string }[] = [];
  const classesOf = async (split: string): Promise<readonly string[]> => {
    try {
      const entries = await readdir(join(folder, split), { withFileTypes: true });
      return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map((entry) => entry.name);
    } catch (error) {
      faults.push({ path: join(folder, split), message: `cannot be read: ${String(error)}` });
      return [];
    }
  };
  const [train] = await Promise.all([classesOf('train'), classesOf('val')]);
  if (faults.length === 0 && train.length < 2) {
    faults.push({
      path: join(folder, 'train'),
      message: `expected a folder for each of at least 2 classes, found ${train.length}`,
    });
  }
  if (faults.length > 0) {
    throw new RefusedInputError(`${folder} is no data set: expected train/CLASS/*.jpg and val/CLASS/*.jpg`, faults);
  }
  return { folder, numClasses: train.length };
}
