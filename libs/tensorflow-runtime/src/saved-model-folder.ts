import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Signatures } from '#tensorflow-graph';
import { decodeSignatures } from '#tensorflow-graph';

/** Name TensorFlow expects inside a SavedModel's folder. */
const FILE = 'saved_model.pb';

/** Writes the bytes of a SavedModel as a folder that `Session.load` and any other TensorFlow can read. */
export function writeSavedModel(directory: string, bytes: Uint8Array): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, FILE), bytes);
}

/** Reads the signatures of a SavedModel's folder. */
export function readSignatures(directory: string): Signatures {
  return decodeSignatures(readFileSync(join(directory, FILE)));
}

/** Calls `use` with a folder that holds the bytes, and removes the folder afterwards. */
export function withSavedModelFolder<Result>(bytes: Uint8Array, use: (directory: string) => Result): Result {
  const directory = mkdtempSync(join(tmpdir(), 'skiplane-graph-'));
  try {
    writeSavedModel(directory, bytes);
    return use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
