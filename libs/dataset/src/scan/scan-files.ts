import { RefusedInputError } from '#contracts';
import { StoredObjectChangedError, type Store } from '#stores';
import { mapBounded } from '../map-bounded.js';
import type { Split } from '../dataset.js';
import type { Unit } from './scan-units.js';
import { inspectPart, withStoredBytes } from './stored-bytes.js';
import type { UnitRecorder, UnitScan } from './unit-scan.js';

/** An image that is a file of its own. */
export interface LabelledFile {
  readonly path: string;
  /** As it is written. */
  readonly label: string;
}

export interface FileUnitsOptions {
  readonly store: Store;
  readonly split: Split | null;
  readonly signal: AbortSignal | undefined;
}

/** A note of so many files is some 100 KB. */
const FILES_A_UNIT = 1000;

/** Units of image files, in the order of the files. */
export function fileUnits(files: readonly LabelledFile[], options: FileUnitsOptions): readonly Unit[] {
  const { store, split, signal } = options;
  const chunks = Array.from({ length: Math.ceil(files.length / FILES_A_UNIT) }, (_, at) =>
    files.slice(at * FILES_A_UNIT, (at + 1) * FILES_A_UNIT),
  );
  return chunks.map((chunk) => ({
    name: `${chunk[0]?.path ?? ''} and ${chunk.length - 1} more`,
    split,
    stamp: JSON.stringify(chunk.map(({ path, label }) => [path, label])),
    isCurrent: (scan) => isCurrent(scan, options),
    scan: (recorder, onSample) => scanChunk(chunk, { store, signal, recorder, onSample }),
  }));
}

interface ChunkScan {
  readonly store: Store;
  readonly signal: AbortSignal | undefined;
  readonly recorder: UnitRecorder;
  readonly onSample: () => void;
}

/** One after the other: units are looked at side by side. */
async function scanChunk(
  files: readonly LabelledFile[],
  { store, signal, recorder, onSample }: ChunkScan,
): Promise<void> {
  for (const { path, label } of files) {
    try {
      await withStoredBytes({ store, path, signal }, async (source, version) => {
        const { sizeBytes } = source;
        const inspection = await inspectPart(source);
        if (inspection.kind === 'fault') recorder.broken.push({ path, message: inspection.reason });
        else {
          const file = recorder.addFile(path, { sizeBytes, version });
          recorder.add({ file, offset: 0, length: sizeBytes, label, header: inspection.header });
        }
      });
    } catch (error) {
      if (!(error instanceof StoredObjectChangedError || error instanceof RefusedInputError)) throw error;
      recorder.broken.push({ path, message: error instanceof StoredObjectChangedError ? error.reason : error.message });
    }
    onSample();
  }
}

/** Whether all files of an earlier look are as they were. What could not be read then may be readable now. */
async function isCurrent(scan: UnitScan, { store, signal }: FileUnitsOptions): Promise<boolean> {
  if (scan.broken.length > 0) return false;
  const stamps = await mapBounded(scan.files, 8, async ({ path, sizeBytes, version }) => {
    const now = await store.stat(path, { ...(signal && { signal }) }).catch((error: unknown) => {
      if (error instanceof RefusedInputError) return null;
      throw error;
    });
    return now?.sizeBytes === sizeBytes && now.version === version;
  });
  return stamps.every(Boolean);
}
