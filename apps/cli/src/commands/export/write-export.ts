import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { addressIn, isRemote, RecoverableError, RefusedInputError } from '#contracts';
import type { ExportedFile } from '#export';
import { openWritableStore, readStoreSettings, StoreAccessError } from '#stores';

/**
 * Writes an export: one file under the name `path`, several as a folder of that name. It appears when it is whole; a file
 * of that name is replaced, a folder only if it is empty. Throws RefusedInputError when it cannot be written.
 */
export async function writeExport(path: string, files: readonly ExportedFile[], isFolder: boolean): Promise<void> {
  if (isRemote(path)) return await writeToStore(path, files, isFolder);
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

/** Each object is whole or not there; of several the first, which names the others, goes last. */
async function writeToStore(address: string, files: readonly ExportedFile[], isFolder: boolean): Promise<void> {
  const end = address.lastIndexOf('/');
  const [location, name] = isFolder ? [address, undefined] : [address.slice(0, end), address.slice(end + 1)];
  if (name === '') throw new RefusedInputError(`${address}: this format is one file: give it a name`);
  const store = openWritableStore({ location, settings: readStoreSettings(process.env) });
  try {
    for (const { path, bytes } of files.toReversed()) await store.write(name ?? path, bytes);
  } catch (error) {
    if (!(error instanceof RecoverableError) && !(error instanceof StoreAccessError)) throw error;
    throw new RefusedInputError(`cannot write ${addressIn(location, name ?? '')}: ${error.message}`, [], {
      cause: error,
    });
  } finally {
    store.close();
  }
}

async function refuseWrongTarget(target: string, isFolder: boolean): Promise<void> {
  const found = await stat(target).catch(() => undefined);
  if (found === undefined || found.isDirectory() === isFolder) return;
  const [wanted, there] = isFolder ? ['a folder', 'a file'] : ['a file', 'a folder'];
  throw new RefusedInputError(`this format is ${wanted}, and ${target} is ${there}: give another name`);
}
