import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';

const IMAGE_EXTENSION = /\.(jpe?g|png)$/i;

export interface FolderListing {
  /** Image files by extension, relative to the class folder, `/` between parts, in code unit order. */
  readonly images: readonly string[];
  /** Visible files that are no images by extension. */
  readonly numOthers: number;
  /** Entries that cannot be looked at, e.g. links that lead nowhere. */
  readonly broken: readonly { readonly path: string; readonly reason: string }[];
}

/**
 * Lists a class folder, nested folders included. Names that begin with a dot are ignored. Links are followed; a link
 * back to a folder that holds it would never end and is reported as broken.
 */
export async function listFiles(folder: string): Promise<FolderListing> {
  const images: string[] = [];
  const broken: { path: string; reason: string }[] = [];
  let numOthers = 0;

  const visit = async (relative: string, ancestors: readonly string[]): Promise<void> => {
    const entries = await readdir(join(folder, relative), { withFileTypes: true });
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      const path = relative === '' ? entry.name : `${relative}/${entry.name}`;
      try {
        const kind = entry.isSymbolicLink() ? await stat(join(folder, path)) : entry;
        if (kind.isDirectory()) {
          const real = entry.isSymbolicLink()
            ? await realpath(join(folder, path))
            : join(ancestors.at(-1) ?? '', entry.name);
          if (ancestors.includes(real)) throw new Error('a link to a folder that holds it');
          await visit(path, [...ancestors, real]);
        } else if (IMAGE_EXTENSION.test(entry.name)) {
          images.push(path);
        } else {
          numOthers += 1;
        }
      } catch (error) {
        broken.push({ path, reason: error instanceof Error ? error.message : String(error) });
      }
    }
  };
  await visit('', [await realpath(folder)]);
  return { images: images.sort(), numOthers, broken: broken.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

/** Visible folders directly in `folder`, links to folders included, in code unit order: the classes. */
export async function listClasses(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory() || (entry.isSymbolicLink() && (await isFolder(join(folder, entry.name))))) {
      names.push(entry.name);
    }
  }
  return names.sort();
}

/** Whether a path leads to a folder; false also where it leads nowhere. */
export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
