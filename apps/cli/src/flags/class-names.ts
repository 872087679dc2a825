import { readFile } from 'node:fs/promises';
import { RefusedInputError } from '#contracts';

/** The names of `--classes FILE`, one a line; undefined where none is given. Throws RefusedInputError unless it names all. */
export async function readClassNames(
  file: string | undefined,
  numClasses: number,
): Promise<readonly string[] | undefined> {
  if (file === undefined) return undefined;
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new RefusedInputError(`cannot read ${file}: ${String(error)}`, [], { cause: error });
  });
  const names = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (names.length === numClasses) return names;
  throw new RefusedInputError(`${names.length} classes are named, the network has ${numClasses}`, [
    { path: '--classes', message: `must name ${numClasses} classes, one a line` },
  ]);
}
