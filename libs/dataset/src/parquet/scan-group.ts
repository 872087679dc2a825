import type { Store, StoredObject } from '#stores';
import { inspectPart, withStoredBytes } from '../scan/stored-bytes.js';
import type { UnitRecorder } from '../scan/unit-scan.js';
import { ParquetFault, ParquetFile } from './parquet-file.js';

export interface GroupScan {
  readonly store: Store;
  readonly shard: StoredObject;
  /** The row group. */
  readonly part: number;
  readonly labelField: string;
  /** What the numbers of labels mean, where the file says it. */
  readonly classes: readonly string[] | undefined;
  readonly recorder: UnitRecorder;
  readonly onSample: () => void;
  readonly signal: AbortSignal | undefined;
}

/** Reads a row group whole and looks at its images. */
export async function scanGroup(scan: GroupScan): Promise<void> {
  const { store, shard, part, labelField, classes, recorder, onSample, signal } = scan;
  const { path, sizeBytes, version } = shard;
  try {
    const { rows, firstRow } = await withStoredBytes(
      { store, path, expectedVersion: version, signal },
      async (source) => {
        const file = await ParquetFile.open(source);
        return { rows: await file.read(part, labelField), firstRow: file.groups[part]?.firstRow ?? 0 };
      },
    );
    const partBytes = rows.reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0);
    const file = recorder.addFile(path, { sizeBytes, version, part, partBytes });
    let offset = 0;
    for (const [at, { bytes, label: written }] of rows.entries()) {
      onSample();
      const label = labelOf(written, classes);
      const refuse = (message: string): unknown =>
        recorder.broken.push({ path: `${path}, row ${firstRow + at}`, message });
      if (bytes === null) {
        refuse('has no bytes of an image');
        continue;
      }
      const read = (from: number, length: number): Promise<Uint8Array> =>
        Promise.resolve(bytes.subarray(from, from + length));
      const inspection = await inspectPart({ sizeBytes: bytes.length, read });
      if (label.fault !== undefined) refuse(label.fault);
      else if (inspection.kind === 'fault') refuse(inspection.reason);
      else recorder.add({ file, offset, length: bytes.length, label: label.name, header: inspection.header });
      offset += bytes.length;
    }
  } catch (error) {
    if (!(error instanceof ParquetFault)) throw error;
    recorder.faults.push({ path, message: error.message });
  }
}

type Label = { readonly name: string; readonly fault?: undefined } | { readonly fault: string };

function labelOf(written: unknown, classes: readonly string[] | undefined): Label {
  const isNumber = typeof written === 'bigint' || typeof written === 'number';
  if (typeof written === 'string' && written.trim() !== '') return { name: written.trim() };
  if (!isNumber) return { fault: 'has no label' };
  if (classes === undefined) return { name: String(written) };
  const name = classes[Number(written)];
  return name === undefined ? { fault: `has the label ${written}, expected 0 to ${classes.length - 1}` } : { name };
}
