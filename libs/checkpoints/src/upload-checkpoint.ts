import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CHECKPOINT_MANIFEST_FILE, checkpointFiles, parseManifest } from '#contracts';
import type { WaitOptions, WritableStore } from '#stores';
import { storedFolder } from './stored-folder.js';

/**
 * Brings a checkpoint's folder on this host's disk to a store at the run's folder, its manifest last: whoever finds the manifest
 * finds every file it names. Files that are there already are not sent again. Resolves with the name of its folder there.
 * Rejects as WritableStore does, with the file system's error, or RefusedInputError where the manifest is none.
 */
export async function uploadCheckpoint(store: WritableStore, from: string, options: WaitOptions = {}): Promise<string> {
  const text = await readFile(join(from, CHECKPOINT_MANIFEST_FILE), 'utf8');
  const manifest = parseManifest(text);
  const folder = storedFolder(manifest);
  const sizes = new Map<string, number>();
  for await (const entry of store.list(folder, options))
    if (entry.kind === 'object') sizes.set(entry.path, entry.sizeBytes);
  for (const { name } of checkpointFiles(manifest)) {
    const file = join(from, name);
    const { size } = await stat(file);
    const path = `${folder}/${name}`;
    if (sizes.get(path) !== size) await store.write(path, { file }, options);
  }
  await store.write(`${folder}/${CHECKPOINT_MANIFEST_FILE}`, Buffer.from(text), options);
  return folder;
}
