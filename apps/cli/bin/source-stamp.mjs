import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** What a build reads; a changed README builds nothing. */
const SOURCE = /\.(tsx?|json|css|html|svg)$/;

/** A short text that changes when a source file is added, removed or changed: a hash over paths, sizes and times. */
export function sourceStamp(root, folders, files, isIncluded = () => true) {
  const hash = createHash('sha256');
  const add = (path) => {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${relative(root, path)}\0${size}\0${mtimeMs}\n`);
  };
  for (const folder of folders) {
    let names;
    try {
      names = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
    } catch {
      continue;
    }
    const paths = names
      .filter((entry) => entry.isFile() && SOURCE.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name));
    for (const path of paths.sort()) {
      const inside = relative(root, path).split(sep).join('/');
      if (!inside.includes('node_modules/') && isIncluded(inside)) add(path);
    }
  }
  for (const file of files) add(join(root, file));
  return hash.digest('hex');
}

/** Hash of one file's bytes. */
export function fileStamp(path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
