import { open } from 'node:fs/promises';
import { isMissing, writeFileAtomically } from '#files';
import { decodeIndex, encodeIndex, type DatasetIndex } from './dataset-index.js';

/** Writes an index; after a power cut the file may be torn, which its reader finds. */
export function writeIndexFile(path: string, index: DatasetIndex): Promise<void> {
  return writeFileAtomically(path, encodeIndex(index), { isDurable: false });
}

/** Reads an index into memory that threads share; null where there is none, or none that is whole. */
export async function readIndexFile(path: string): Promise<DatasetIndex | null> {
  const bytes = await readShared(path);
  return bytes && decodeIndex(bytes);
}

/** Null where there is no such file. */
export async function readShared(path: string): Promise<Uint8Array<SharedArrayBuffer> | null> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
  if (file === null) return null;
  try {
    const { size } = await file.stat();
    const bytes = new Uint8Array(new SharedArrayBuffer(size));
    for (let filled = 0; filled < size;) {
      const { bytesRead } = await file.read(bytes, filled, size - filled, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}
