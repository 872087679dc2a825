import { parseLocation, RefusedInputError, type DatasetKind } from '#contracts';
import { openStore, type Store, type StoreSettings } from '#stores';
import { kindsOf, LANDMARKS, layoutLines, sourceOf } from './dataset-formats.js';
import { isFolder } from './disk-threads/list-files.js';

export interface DetectOptions {
  /** How this host reaches stores. Data sets on disk need none. */
  readonly stores?: StoreSettings;
  readonly signal?: AbortSignal;
}

/** So many entries say what a location is. */
const MAX_ENTRIES = 10_000;
/** So many of its folders are looked into, at so many entries of each. */
const MAX_FOLDERS = 20;
const MAX_BELOW = 100;

/**
 * Tells the kind of a data set from what its location holds, or from what lies in its folders where that says nothing. Rejects with
 * RefusedInputError where that is not clear, and as the store does.
 */
export async function detectDatasetKind(path: string, options: DetectOptions = {}): Promise<DatasetKind> {
  const source = sourceOf(path, options.stores);
  const location = parseLocation(source.location);
  if (location.kind === 'disk' && !(await isFolder(location.folder)))
    throw new RefusedInputError(`${path} cannot be read as a folder`);
  const store = openStore(source);
  try {
    const kinds = location.kind === 'http' ? await kindsByLandmarks(store, options) : await kindsByList(store, options);
    const [kind, ...others] = kinds;
    if (kind !== undefined && others.length === 0) return kind;
    throw new RefusedInputError(refusal(path, kinds, location.kind === 'http'));
  } finally {
    store.close();
  }
}

async function kindsByList(store: Store, { signal }: DetectOptions): Promise<readonly DatasetKind[]> {
  const { entries, folders } = await listed(store, '', { maxEntries: MAX_ENTRIES, signal });
  const kinds = kindsOf(entries);
  if (kinds.length > 0) return kinds;
  const below: string[] = [];
  for (const folder of folders.slice(0, MAX_FOLDERS)) {
    below.push(...(await listed(store, folder, { maxEntries: MAX_BELOW, signal })).entries);
  }
  return kindsOf(below);
}

/** A web server cannot list: files with known names are asked for. */
async function kindsByLandmarks(store: Store, { signal }: DetectOptions): Promise<readonly DatasetKind[]> {
  const there: string[] = [];
  for (const name of LANDMARKS) {
    if ((await store.stat(name, { ...(signal && { signal }) })) !== null) there.push(name);
  }
  return kindsOf(there);
}

async function listed(
  store: Store,
  folder: string,
  { maxEntries, signal }: { readonly maxEntries: number; readonly signal: AbortSignal | undefined },
): Promise<{ readonly entries: readonly string[]; readonly folders: readonly string[] }> {
  const entries: string[] = [];
  const folders: string[] = [];
  for await (const { kind, path } of store.list(folder, { ...(signal && { signal }) })) {
    if (path.slice(path.lastIndexOf('/') + 1).startsWith('.')) continue;
    entries.push(path);
    if (kind === 'folder') folders.push(path);
    if (entries.length === maxEntries) break;
  }
  return { entries, folders: folders.sort() };
}

function refusal(path: string, kinds: readonly DatasetKind[], isHttp: boolean): string {
  if (isHttp && kinds.length === 0)
    return `${path}: a web server cannot list its files, and there is none of ${LANDMARKS.join(', ')}: name the kind`;
  const found = kinds.length === 0 ? 'no data set' : `more than one data set (${kinds.join(', ')})`;
  const expected = layoutLines().map((line) => `  ${line}`);
  return `${path} holds ${found}; expected one of\n${expected.join('\n')}`;
}
