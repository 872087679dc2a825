import { close, open, read } from 'node:fs';

/** Where a slice lies, and how much of it is expected to be there. */
export interface SliceRange {
  readonly offset: number;
  readonly expected: number;
}

/**
 * Reads from a file until `bytes` is full or the file ends, and says how many bytes came.
 *
 * By callbacks: a file handle with its promises takes more time of the thread, and of a photo every read of the end is a
 * fifth of what reading costs.
 */
export async function readSlice(path: string, bytes: Uint8Array, range: SliceRange): Promise<number> {
  const file = await openFile(path);
  const filled = await readOpen(file, bytes, range).catch(async (error: unknown) => {
    await closeFile(file).catch(() => undefined);
    throw error;
  });
  await closeFile(file);
  return filled;
}

/**
 * As `readSlice`, from an open file. A read that gives less than was asked for, and just `expected` bytes in all, is taken for
 * the end.
 */
export function readOpen(file: number, bytes: Uint8Array, { offset, expected }: SliceRange): Promise<number> {
  return new Promise((resolve, reject) => {
    const readFrom = (filled: number): void =>
      read(file, bytes, filled, bytes.length - filled, offset + filled, (error, numRead) => {
        if (error) return reject(error);
        const now = filled + numRead;
        if (numRead === 0 || now === bytes.length || now === expected) return resolve(now);
        readFrom(now);
      });
    readFrom(0);
  });
}

export function openFile(path: string): Promise<number> {
  return new Promise((resolve, reject) =>
    open(path, 'r', (error, file) => {
      if (error) reject(error);
      else resolve(file);
    }),
  );
}

export function closeFile(file: number): Promise<void> {
  return new Promise((resolve, reject) =>
    close(file, (error) => {
      if (error) reject(error);
      else resolve();
    }),
  );
}
