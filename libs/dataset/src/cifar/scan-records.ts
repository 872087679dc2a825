import type { Hash } from 'node:crypto';
import type { Store, StoredObject } from '#stores';
import type { Fault } from '../dataset.js';
import { cifarRecordBytes, type CifarLayout } from './cifar-layout.js';

export interface RecordScanOptions {
  readonly store: Store;
  readonly file: string;
  readonly layout: CifarLayout;
  /** Receives name, size and every byte of the file. */
  readonly hash: Hash;
  readonly onRecords: (count: number) => void;
  readonly signal: AbortSignal | undefined;
}

/** Read at once: 3 MB. */
const RECORDS_AT_ONCE = 1000;

export interface RecordScan {
  readonly labels: Uint8Array;
  /** Of the file in its store. */
  readonly version: string;
  readonly faults: readonly Fault[];
}

/** Reads a file of records from end to end and collects their labels. Every failure is a fault. */
export async function scanRecords(options: RecordScanOptions): Promise<RecordScan> {
  const { store, file, signal } = options;
  const refused = (message: string): RecordScan => ({
    labels: new Uint8Array(),
    version: '',
    faults: [{ path: file, message }],
  });
  try {
    const object = await store.stat(file, { ...(signal && { signal }) });
    if (object === null) return refused('there is no such file');
    const recordBytes = cifarRecordBytes(options.layout);
    const { sizeBytes } = object;
    if (sizeBytes === 0) return refused('the file is empty');
    if (sizeBytes % recordBytes !== 0) {
      const [numWhole, rest] = [Math.floor(sizeBytes / recordBytes), sizeBytes % recordBytes];
      return refused(`${sizeBytes} bytes are not a multiple of ${recordBytes}: ${numWhole} records and ${rest} bytes`);
    }
    return await collect(object, sizeBytes / recordBytes, options);
  } catch (error) {
    signal?.throwIfAborted();
    return refused(error instanceof Error ? error.message : String(error));
  }
}

async function collect(
  object: StoredObject,
  numRecords: number,
  { store, file, layout, hash, onRecords, signal }: RecordScanOptions,
): Promise<RecordScan> {
  const recordBytes = cifarRecordBytes(layout);
  const labels = new Uint8Array(numRecords);
  const outOfRange = layout.labelBytes.map(() => ({ count: 0, record: 0, value: 0 }));
  hash.update(`${file}\0${numRecords * recordBytes}\n`);
  const buffer = new Uint8Array(Math.min(RECORDS_AT_ONCE, numRecords) * recordBytes);
  let first = 0;
  const take = (chunk: Uint8Array): void => {
    const count = chunk.length / recordBytes;
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
    first += count;
  };
  let filled = 0;
  const options = { expectedVersion: object.version, ...(signal && { signal }) };
  for await (const piece of store.stream(file, options)) {
    for (let from = 0; from < piece.length;) {
      const part = piece.subarray(from, from + buffer.length - filled);
      buffer.set(part, filled);
      from += part.length;
      filled += part.length;
      if (filled < buffer.length) continue;
      take(buffer);
      filled = 0;
    }
  }
  if (filled > 0) take(buffer.subarray(0, filled));
  const faults = outOfRange.flatMap(({ count, record, value }, at): Fault[] => {
    const { name = '', numClasses = 0 } = layout.labelBytes[at] ?? {};
    const more = count > 1 ? ` (and ${count - 1} more records)` : '';
    const message = `record ${record} has the ${name} ${value}, expected 0 to ${numClasses - 1}${more}`;
    return count === 0 ? [] : [{ path: file, message }];
  });
  return { labels, version: object.version, faults };
}
