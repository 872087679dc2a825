import type { WaitOptions, WritableStore } from '#stores';
import { CHECKPOINT_MANIFEST_FILE } from '#contracts';

/** Removes all objects below a folder of a store, manifests first: no checkpoint is left with a manifest and without its files. */
export async function removeStored(store: WritableStore, folder: string, options: WaitOptions = {}): Promise<void> {
  const paths: string[] = [];
  for await (const { path } of store.list(folder, { ...options, isRecursive: true })) paths.push(path);
  const isManifest = (path: string): boolean => path.endsWith(`/${CHECKPOINT_MANIFEST_FILE}`);
  for (const path of [...paths.filter(isManifest), ...paths.filter((one) => !isManifest(one))])
    await store.remove(path, options);
}
