import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { RefusedInputError } from '#contracts';
import type { ExportedFile } from '#export';

/**
 * Writes an export: one file under the name `path`, several as a folder of that name. It appears when it is whole; a file
 * of that name is replaced, a folder only if it is empty. Throws RefusedInputError when it cannot be written.
 */
export async function writeExport(path: string, files: readonly ExportedFile[], isFolder: boolean): Promise<void> {
  const target = resolve(path);
  let partial: string | undefined;
  try {
    await refuseWrongTarget(target, isFolder);
    await mkdir(dirname(target), { recursive: true });
    partial = await mkdtemp(join(dirname(target), `.${basename(target)}.`));
    for (const file of files) {
      const place = join(partial, file.path);
      await mkdir(dirname(place), { recursive: true });
      await writeFile(place, file.bytes, { flush: true });
    }
    const [only] = files;
    await rename(isFolder || only === undefined ? partial : join(partial, only.path), target);
  } catch (error) {
    if (error instanceof RefusedInputError) throw error;
    throw new RefusedInputError(`cannot write ${path}: ${String(error)}`, [], { cause: error });
  } finally {
    if (partial !== undefined) await rm(partial, { recursive: true, force: true });
  }
}

async function refuseWrongTarget(target: string, isFolder: boolean): Promise<void> {
  const found = await stat(target).catch(() => undefined);
  if (found === undefined || found.isDirectory() === isFolder) return;
  const [wanted, there] = isFolder ? ['a folder', 'a file'] : ['a file', 'a folder'];
  throw new RefusedInputError(`this format is ${wanted}, and ${target} is ${there}: give another name`);
}
