import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OnApplicationShutdown } from '@nestjs/common';
import { RefusedInputError } from '#contracts';
import { diskTrouble, FileLock, isMissing, writeFileAtomically } from '#files';

/** Within it a coordinator shows several times that it lives. */
const SILENT_MS = 5_000;
const ID = /^[0-9a-f-]{36}$/;

/** The data folder, which is this process' own from `take` to its end. */
export class DataFolder implements OnApplicationShutdown {
  readonly #lock: FileLock;

  private constructor(
    readonly path: string,
    /** Tells the folder from others for as long as it exists. */
    readonly id: string,
    lock: FileLock,
  ) {
    this.#lock = lock;
  }

  /** Throws RefusedInputError when another coordinator works on the folder. */
  static async take(path: string): Promise<DataFolder> {
    const lock = await lockDataFolder(path);
    return await orRelease(lock, async () => new DataFolder(path, await idOf(path), lock));
  }

  /** Reads something of it while the coordinator starts. A coordinator that cannot read its folder lets go of it. */
  read<T>(reading: (path: string) => Promise<T>): Promise<T> {
    return orRelease(this.#lock, () => reading(this.path));
  }

  /** To be asked before anything is written. Throws LockLostError when another process has the folder by now. */
  confirm(): Promise<void> {
    return this.#lock.confirm();
  }

  onApplicationShutdown(): Promise<void> {
    return this.#lock.release();
  }
}

/**
 * Keeps a second coordinator off a data folder: two writers of one record would destroy it. Throws RefusedInputError when
 * a live one holds it.
 */
export async function lockDataFolder(dataDirectory: string, silentMs = SILENT_MS): Promise<FileLock> {
  const lock = await FileLock.take(join(dataDirectory, 'coordinator.lock'), { silentMs, isOnlyOne: true });
  if (typeof lock !== 'string') return lock;
  throw new RefusedInputError(
    `another coordinator (${lock}) works on ${dataDirectory}: stop it, or set SKIPLANE_DATA_DIR to another folder`,
  );
}

/** The error that keeps a coordinator from starting, in words where it is the disk. */
export function startFault(error: unknown, dataDirectory: string): unknown {
  const trouble = diskTrouble(error);
  if (trouble === undefined) return error;
  const message = `the disk of ${dataDirectory} ${trouble}: make room, then start again`;
  return new RefusedInputError(message, [], { cause: error });
}

async function orRelease<T>(lock: FileLock, reading: () => Promise<T>): Promise<T> {
  try {
    return await reading();
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** The first coordinator on a folder draws it by lot. */
async function idOf(dataDirectory: string): Promise<string> {
  const path = join(dataDirectory, 'coordinator.id');
  const held = await readFile(path, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return '';
    throw error;
  });
  if (ID.test(held)) return held;
  const id = randomUUID();
  await writeFileAtomically(path, id);
  return id;
}
