import type { Hash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from '#files';
import type { Fault } from '../dataset.js';
import { cifarRecordBytes, type CifarLayout } from './cifar-layout.js';

export interface RecordScanOptions {
  /** Absolute folder of the data set. */
  readonly root: string;
  readonly file: string;
  readonly layout: CifarLayout;
  /** Receives name, size and every byte of the file. */
  readonly hash: Hash;
  readonly onRecords: (count: number) => void;
  readonly signal: AbortSignal | undefined;
}

/** Read at once: 3 MB. */
const RECORDS_AT_ONCE = 1000;

/** Reads a file of records from end to end and collects their labels. Every failure is a fault. */
export async function scanRecords(
  options: RecordScanOptions,
): Promise<{ readonly labels: Uint8Array; readonly faults: readonly Fault[] }> {
  const { root, file, signal } = options;
  const refused = (message: string): { labels: Uint8Array; faults: Fault[] } => ({
    labels: new Uint8Array(),
    faults: [{ path: file, message }],
  });
  let handle: FileHandle | undefined;
  try {
    handle = await open(join(root, file), 'r');
    const stats = await handle.stat();
    if (!stats.isFile()) return refused('is not a regular file');
    const recordBytes = cifarRecordBytes(options.layout);
    const { size } = stats;
    if (size === 0) return refused('the file is empty');
    if (size % recordBytes !== 0) {
      const [numWhole, rest] = [Math.floor(size / recordBytes), size % recordBytes];
      return refused(`${size} bytes are not a multiple of ${recordBytes}: ${numWhole} records and ${rest} bytes`);
    }
    return await collect(handle, size / recordBytes, options);
  } catch (error) {
    signal?.throwIfAborted();
    return refused(isMissing(error) ? 'there is no such file' : error instanceof Error ? error.message : String(error));
  } finally {
    await handle?.close();
  }
}

async function collect(
  handle: FileHandle,
  numRecords: number,
  { file, layout, hash, onRecords, signal }: RecordScanOptions,
): Promise<{ readonly labels: Uint8Array; readonly faults: readonly Fault[] }> {
  const recordBytes = cifarRecordBytes(layout);
  const labels = new Uint8Array(numRecords);
  const outOfRange = layout.labelBytes.map(() => ({ count: 0, record: 0, value: 0 }));
  hash.update(`${file}\0${numRecords * recordBytes}\n`);
  const buffer = new Uint8Array(Math.min(RECORDS_AT_ONCE, numRecords) * recordBytes);
  for (let first = 0; first < numRecords; first += RECORDS_AT_ONCE) {
    signal?.throwIfAborted();
    const count = Math.min(RECORDS_AT_ONCE, numRecords - first);
    const chunk = buffer.subarray(0, count * recordBytes);
    await readFully(handle, chunk, first * recordBytes);
    hash.update(chunk);
    for (let record = 0; record < count; record += 1) {
      labels[first + record] = chunk[record * recordBytes + layout.labelAt] ?? 0;
      for (const [at, { numClasses }] of layout.labelBytes.entries()) {
        const value = chunk[record * recordBytes + at] ?? 0;
        const fault = outOfRange[at];
        if (value < numClasses || fault === undefined) continue;
        if (fault.count === 0) Object.assign(fault, { record: first + record, value });
        fault.count += 1;
      }
    }
    onRecords(count);
  }
  const faults = outOfRange.flatMap(({ count, record, value }, at): Fault[] => {
    const { name = '', numClasses = 0 } = layout.labelBytes[at] ?? {};
    const more = count > 1 ? ` (and ${count - 1} more records)` : '';
    const message = `record ${record} has the ${name} ${value}, expected 0 to ${numClasses - 1}${more}`;
    return count === 0 ? [] : [{ path: file, message }];
  });
  return { labels, faults };
}

async function readFully(handle: FileHandle, into: Uint8Array, from: number): Promise<void> {
  for (let filled = 0; filled < into.length;) {
    const { bytesRead } = await handle.read(into, filled, into.length - filled, from + filled);
    if (bytesRead === 0) throw new Error('it became shorter while it was read');
    filled += bytesRead;
  }
}
