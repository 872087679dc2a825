import { stat } from 'node:fs/promises';
import type { Store, StoredObject } from '#stores';

export interface FolderListing {
  /** Visible files of the folder and of those below it, in code unit order of their paths. */
  readonly files: readonly StoredObject[];
  /** Visible folders below it. A store without folders has none. */
  readonly folders: readonly string[];
  /** What cannot be looked at: pipes, links that lead nowhere or round, names that are not UTF-8. */
  readonly broken: readonly { readonly path: string; readonly reason: string }[];
}

/** Lists a class folder, nested folders included; paths are relative to the store. Names that begin with a dot are ignored. */
export async function listFiles(store: Store, folder: string, signal?: AbortSignal): Promise<FolderListing> {
  const files: StoredObject[] = [];
  const folders: string[] = [];
  const broken: { path: string; reason: string }[] = [];
  const options = { isRecursive: true, includesFolders: true, ...(signal && { signal }) };
  for await (const entry of store.list(folder, options)) {
    if (isHidden(entry.path.slice(folder.length))) continue;
    if (entry.kind === 'object') files.push(entry);
    else if (entry.kind === 'folder') folders.push(entry.path);
    else broken.push({ path: entry.path, reason: entry.reason });
  }
  return { files: files.sort(byPath), folders, broken: broken.sort(byPath) };
}

/** Visible folders directly in `folder`, links to folders included, in code unit order: the classes. */
export async function listClasses(store: Store, folder: string): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const entry of store.list(folder)) {
    const name = entry.path.slice(entry.path.lastIndexOf('/') + 1);
    if (entry.kind === 'folder' && !name.startsWith('.')) names.push(name);
  }
  return names.sort();
}

/** Whether a path of the disk leads to a folder; false also where it leads nowhere. */
export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

function isHidden(path: string): boolean {
  return path.split('/').some((name) => name.startsWith('.'));
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
