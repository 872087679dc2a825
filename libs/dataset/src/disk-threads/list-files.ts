import { stat } from 'node:fs/promises';
import type { Store, StoredObject } from '#stores';

export interface FolderListing {
  /** Visible files of the folder and of those below it, in code unit order of their paths. */
  readonly files: readonly StoredObject[];
  /** Visible folders below it. A store without folders has none. */
  readonly folders: readonly string[];
  /** Names that begin with a dot, or lie in a folder with such a name. */
  readonly numHidden: number;
  /** What cannot be looked at: pipes, links that lead nowhere or round, names that are not UTF-8. */
  readonly broken: readonly { readonly path: string; readonly reason: string }[];
}

/** Lists a class folder, nested folders included; paths are relative to the store. Names that begin with a dot are ignored. */
export async function listFiles(store: Store, folder: string, signal?: AbortSignal): Promise<FolderListing> {
  const files: StoredObject[] = [];
  const folders: string[] = [];
  const broken: { path: string; reason: string }[] = [];
  let numHidden = 0;
  const options = { isRecursive: true, includesFolders: true, ...(signal && { signal }) };
  for await (const entry of store.list(folder, options)) {
    if (isHidden(entry.path.slice(folder.length))) numHidden += 1;
    else if (entry.kind === 'object') files.push(entry);
    else if (entry.kind === 'folder') folders.push(entry.path);
    else broken.push({ path: entry.path, reason: entry.reason });
  }
  return { files: files.sort(byPath), folders, numHidden, broken: broken.sort(byPath) };
}

export interface ClassListing {
  /** Visible folders directly in a folder, links to folders included, in code unit order. */
  readonly names: readonly string[];
  /** Entries that would be classes and cannot be: names that are not UTF-8, links to a folder that holds them. */
  readonly broken: readonly { readonly path: string; readonly reason: string }[];
}

/** Lists the classes of a split. */
export async function listClasses(store: Store, folder: string): Promise<ClassListing> {
  const names: string[] = [];
  const broken: { path: string; reason: string }[] = [];
  for await (const entry of store.list(folder)) {
    const name = entry.path.slice(entry.path.lastIndexOf('/') + 1);
    if (name.startsWith('.')) continue;
    if (entry.kind === 'folder') names.push(name);
    // A pipe or a link that leads nowhere is no class; these might well be.
    if (entry.kind === 'oddity' && /UTF-8|lies in/.test(entry.reason)) broken.push(entry);
  }
  return { names: names.sort(), broken: broken.sort(byPath) };
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

/** Sorts by path, in code unit order. */
export function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
