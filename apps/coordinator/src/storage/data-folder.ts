import { join } from 'node:path';
import { RefusedInputError } from '#contracts';
import { diskTrouble, FileLock } from '#files';

/** Within it a coordinator shows several times that it lives. */
const SILENT_MS = 5_000;

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
