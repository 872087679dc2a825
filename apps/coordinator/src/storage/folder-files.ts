import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from '#files';

/** A file as the file system counts it: names that share an inode share their bytes. */
export interface FolderFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly inode: string;
  /** Names it has, within the folder and outside. */
  readonly numLinks: number;
}

/** Every file below a folder; none where there is no such folder. A file that goes meanwhile is left out. */
export async function folderFiles(folder: string): Promise<FolderFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const files: FolderFile[] = [];
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    try {
      const { size, ino, dev, nlink } = await stat(path);
      files.push({ path, sizeBytes: size, inode: `${dev}:${ino}`, numLinks: nlink });
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
  return files;
}
