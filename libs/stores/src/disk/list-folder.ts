import type { Stats } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isCode, isMissing } from '#files';
import { StoreAccessError } from '../store-errors.js';
import type { ListOptions, StoreEntry, WaitOptions } from '../store.js';
import type { FolderCalls } from './folder-calls.js';
import { objectOf, oddityOf } from './look-at.js';

/** Looks at once: Node has four threads for them. */
const NUM_AT_ONCE = 32;

/** Asks the disk in a limited time, with the path for words. */
export type AskDisk = <T>(path: string, options: WaitOptions, ask: () => Promise<T>) => Promise<T>;

export interface ListFolderOptions extends ListOptions {
  readonly ask: AskDisk;
  readonly calls: FolderCalls;
}

interface Folder {
  readonly path: string;
  /** Device and inode of the folders above it and of itself: a link to one of them would lead round for ever. */
  readonly chain: readonly string[];
}

/** Lists a folder of the disk below `root`; links are followed, but not round in a circle. */
export async function* listFolder(
  root: string,
  folder: string,
  { ask, calls, isRecursive = false, includesFolders = !isRecursive, ...wait }: ListFolderOptions,
): AsyncIterable<StoreEntry> {
  const above = await ask(folder, wait, () => foldersAbove(join(root, folder), calls));
  const open: Folder[] = [{ path: folder, chain: above }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { path, chain } = next;
    let names: readonly string[] | undefined;
    try {
      names = await ask(path, wait, () => namesOf(join(root, path), calls));
    } catch (error) {
      if (!(error instanceof StoreAccessError) || chain.length === 0) throw error;
      yield { kind: 'oddity', path, reason: 'cannot be listed: no right to' };
    }
    if (names === undefined) continue;
    const own = idOf(await ask(path, wait, async () => calls.stat(join(root, path))));
    const below = [...chain, own];
    for (let from = 0; from < names.length; from += NUM_AT_ONCE) {
      const paths = names.slice(from, from + NUM_AT_ONCE).map((name) => (path === '' ? name : `${path}/${name}`));
      // One limit of time for all: a timer for each would cost as much as the look.
      const looks = await ask(paths[0] ?? path, wait, () =>
        Promise.all(paths.map((entry) => look(join(root, entry), calls))),
      );
      for (const [index, entry] of paths.entries()) {
        const found = looks[index];
        const seen = found === undefined ? undefined : entryOf(entry, found, below);
        if (seen === undefined) continue;
        if (includesFolders || seen.kind !== 'folder') yield seen;
        if (isRecursive && seen.kind === 'folder') open.push({ path: entry, chain: below });
      }
    }
  }
}

/** Device and inode of all folders that hold a folder: a link to one of them would lead back to it, by way of much else. */
async function foldersAbove(path: string, { stat }: FolderCalls): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let at = dirname(resolve(path)); ; at = dirname(at)) {
    const found = await orUndefined(() => stat(at));
    if (found !== undefined) ids.push(idOf(found));
    if (at === dirname(at)) return ids;
  }
}

/** Undefined where there is no such folder. */
async function namesOf(path: string, { readdir }: FolderCalls): Promise<readonly string[] | undefined> {
  try {
    return await readdir(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function orUndefined(ask: () => Promise<Stats> | Stats): Promise<Stats | undefined> {
  try {
    return await ask();
  } catch {
    return undefined;
  }
}

/** What lies behind a name, or words for what cannot be looked at. Undefined where it was taken away meanwhile. */
async function look(path: string, { stat, lstat }: FolderCalls): Promise<Stats | string | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (isCode(error, 'ELOOP')) return 'is a link that leads to itself';
    if (isCode(error, 'EACCES')) return 'cannot be looked at: no right to';
    if (!isMissing(error)) throw error;
    if (path.includes('\uFFFD')) return 'has a name that is not UTF-8';
    const itself = await orUndefined(() => lstat(path));
    return itself?.isSymbolicLink() === true ? 'is a link to something that is not there' : undefined;
  }
}

function entryOf(path: string, found: Stats | string, chain: readonly string[]): StoreEntry {
  if (typeof found === 'string') return { kind: 'oddity', path, reason: found };
  const oddity = oddityOf(found);
  if (oddity !== undefined) return { kind: 'oddity', path, reason: oddity };
  if (!found.isDirectory()) return objectOf(path, found);
  if (chain.includes(idOf(found))) return { kind: 'oddity', path, reason: 'is a link to a folder that it lies in' };
  return { kind: 'folder', path };
}

function idOf({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}
