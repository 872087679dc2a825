import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';

/** A file of the disk that is open. */
export interface DiskFile {
  readonly stats: Stats;
  /** Fills `bytes` from byte `from` of the file on as far as there are any, and says how far. */
  read(bytes: Uint8Array, from: number): Promise<number> | number;
  close(): Promise<void> | void;
}

/** Opens a file to read it; rejects or throws as Node's `open`. */
export type OpenDiskFile = (path: string) => Promise<DiskFile> | DiskFile;

/** A pipe would be waited for until somebody writes to it. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/** By promises, for threads that have other things to do. */
export const openByPromises: OpenDiskFile = async (path) => {
  const file = await open(path, FLAGS);
  try {
    const stats = await file.stat();
    return {
      stats,
      read: async (bytes, from) => (await file.read(bytes, 0, bytes.length, from)).bytesRead,
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
};

/** The same while the thread waits: a fifth of the processor's time. For threads that do nothing else. */
export const openAndWait: OpenDiskFile = (path) => {
  const file = openSync(path, FLAGS);
  try {
    const stats = fstatSync(file);
    return {
      stats,
      read: (bytes, from) => readSync(file, bytes, 0, bytes.length, from),
      close: () => closeSync(file),
    };
  } catch (error) {
    closeSync(file);
    throw error;
  }
};
