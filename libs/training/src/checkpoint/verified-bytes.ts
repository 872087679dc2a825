import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { NewerVersionError, parseManifest, RefusedInputError, type CheckpointManifest } from '#contracts';

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The manifest of a checkpoint's folder. Throws RefusedInputError where it is none, NewerVersionError where it is a newer one. */
export function manifestOf(folder: string, bytes: Uint8Array): CheckpointManifest {
  try {
    return parseManifest(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    if (!(error instanceof RefusedInputError)) throw error;
    const what = error instanceof NewerVersionError ? NewerVersionError : RefusedInputError;
    throw new what(`checkpoint ${basename(folder)}: ${error.message}`, [], { cause: error });
  }
}

/** The bytes. Throws RefusedInputError where their hash is another one. */
export function verified(path: string, bytes: Uint8Array, expected: string): Uint8Array {
  const found = sha256(bytes);
  if (found === expected) return bytes;
  throw new RefusedInputError(`checkpoint file ${path} is corrupt: its SHA-256 is ${found}, expected ${expected}`);
}

export function cannotBeRead(path: string, cause: unknown): RefusedInputError {
  return new RefusedInputError(`checkpoint file ${path} cannot be read`, [], { cause });
}
