import { randomUUID } from 'node:crypto';
import { lstat, readlink, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { LINKED_FOLDERS } from './binding-layout.js';

/** The cache entry that the package's folders link to, if both link to the same one. */
export async function linkedEntry(packageDirectory: string): Promise<string | undefined> {
  const roots = new Set<string | undefined>();
  for (const name of LINKED_FOLDERS) {
    const target = await readlink(join(packageDirectory, name)).catch(() => undefined);
    roots.add(target === undefined ? undefined : dirname(resolve(packageDirectory, target)));
  }
  const [root, ...others] = [...roots];
  return others.length === 0 ? root : undefined;
}

/** Makes the package in `node_modules` use a cache entry. A link is replaced in one act; a real folder is removed first. */
export async function linkBinding(packageDirectory: string, entry: string): Promise<void> {
  if ((await linkedEntry(packageDirectory)) === resolve(entry)) return;
  for (const name of LINKED_FOLDERS) {
    const path = join(packageDirectory, name);
    const found = await lstat(path).catch(() => undefined);
    if (found !== undefined && !found.isSymbolicLink()) await rm(path, { recursive: true, force: true });
    const fresh = `${path}.${randomUUID()}`;
    await symlink(join(resolve(entry), name), fresh);
    await rename(fresh, path);
  }
}
