import { isRemote, RefusedInputError } from '#contracts';
import { StoredObjectChangedError } from '#stores';
import type { ScanContext, Split } from '../dataset.js';
import { chunksOf } from '../chunks-of.js';
import type { FileLook } from '../image-format/inspect-file.js';
import { mapBounded } from '../map-bounded.js';
import type { Unit } from './scan-units.js';
import { formatName } from '../image-format/format-name.js';
import { inspectPart, withStoredBytes } from './stored-bytes.js';
import type { UnitRecorder, UnitScan } from './unit-scan.js';

/** An image that is a file of its own. */
export interface LabelledFile {
  readonly path: string;
  /** As it is written; null: it has none, and is not looked at. */
  readonly label: string | null;
}

export interface FileUnitsOptions extends Pick<ScanContext, 'store' | 'disk'> {
  readonly split: Split | null;
  readonly signal: AbortSignal | undefined;
}

/** A note of so many files is some 100 KB. */
const FILES_A_UNIT = 1000;

/** Units of image files, in the order of the files. */
export function fileUnits(files: readonly LabelledFile[], options: FileUnitsOptions): readonly Unit[] {
  return chunksOf(files, FILES_A_UNIT).map((chunk) => ({
    name: `${chunk[0]?.path ?? ''} and ${chunk.length - 1} more`,
    split: options.split,
    stamp: JSON.stringify(chunk.map(({ path, label }) => [path, label])),
    isCurrent: (scan) => isCurrent(scan, options),
    scan: (recorder, onSample) => scanChunk(chunk, { options, recorder, onSample }),
  }));
}

/** Units of files that are no samples by their names: they are left out, and counted by what they are. */
export function otherFileUnits(paths: readonly string[], options: FileUnitsOptions): readonly Unit[] {
  return chunksOf(paths, FILES_A_UNIT).map((chunk) => ({
    name: `${chunk[0] ?? ''} and ${chunk.length - 1} more that are left out`,
    split: options.split,
    stamp: JSON.stringify(chunk),
    scan: (recorder) => leaveOut(chunk, options, recorder),
  }));
}

async function leaveOut(paths: readonly string[], options: FileUnitsOptions, recorder: UnitRecorder): Promise<void> {
  const files = paths.map((path) => ({ path, label: '' }));
  const looks = await lookerOf(options)(files, options, () => undefined);
  for (const [at, path] of paths.entries()) {
    const look = looks[at];
    recorder.leaveOut(path, look?.kind === 'image' ? formatName(look.header) : (look?.otherKind ?? 'unknown'));
  }
}

interface ChunkScan {
  readonly options: FileUnitsOptions;
  readonly recorder: UnitRecorder;
  readonly onSample: () => void;
}

async function scanChunk(files: readonly LabelledFile[], { options, recorder, onSample }: ChunkScan): Promise<void> {
  const look = lookerOf(options);
  const labelled = files.flatMap(({ path, label }) => (label === null ? [] : [{ path, label }]));
  for (const { path, label } of files) if (label === null) recorder.broken.push({ path, message: 'has no label' });
  const looks = await look(labelled, options, onSample);
  for (const [at, { path, label }] of labelled.entries()) {
    const found = looks[at];
    if (found === undefined || found.kind === 'fault') {
      recorder.broken.push({ path, message: found?.reason ?? 'was not looked at' });
    } else {
      const { sizeBytes, version, header } = found;
      const file = recorder.addFile(path, { sizeBytes, version });
      recorder.add({ file, offset: 0, length: sizeBytes, label, header });
    }
  }
}

function lookerOf({ store }: FileUnitsOptions): typeof lookOnDisk {
  return isRemote(store.location) ? lookInStore : lookOnDisk;
}

function lookOnDisk(
  files: readonly LabelledFile[],
  { store, disk, signal }: FileUnitsOptions,
  onSample: () => void,
): Promise<readonly FileLook[]> {
  const paths = files.map(({ path }) => path);
  const onLooked = (numFiles: number): void => {
    for (let file = 0; file < numFiles; file += 1) onSample();
  };
  return disk.inspect(store.location, paths, { signal, onLooked });
}

/** One after the other: units are looked at side by side. */
async function lookInStore(
  files: readonly LabelledFile[],
  { store, signal }: FileUnitsOptions,
  onSample: () => void,
): Promise<readonly FileLook[]> {
  const looks: FileLook[] = [];
  for (const { path } of files) {
    try {
      looks.push(
        await withStoredBytes({ store, path, signal }, async (source, version): Promise<FileLook> => {
          const inspection = await inspectPart(source);
          return inspection.kind === 'fault' ? inspection : { ...inspection, version };
        }),
      );
    } catch (error) {
      if (!(error instanceof StoredObjectChangedError || error instanceof RefusedInputError)) throw error;
      looks.push({ kind: 'fault', reason: error instanceof StoredObjectChangedError ? error.reason : error.message });
    }
    onSample();
  }
  return looks;
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
