import { UnreadableSampleError } from '#dataset';
import type { Batch } from '../batch.js';
import type { DecodedPart, SampleFailure } from './decode-messages.js';

/** A batch that belongs to the receiver, who gives its images back by `freeMemory` once nobody reads them any more. */
export interface LoadedBatch extends Batch {
  readonly images: Uint8Array<SharedArrayBuffer>;
  readonly labels: Int32Array<ArrayBuffer>;
  /** Samples that were left out, with the reason (`unreadable: 'skip'`). */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

export interface PartRows {
  readonly part: DecodedPart;
  /** Row of the batch for each sample of the part. */
  readonly rows: Uint32Array;
}

/**
 * What several threads have decoded into `images` as a batch; closes up the rows of failed samples or, with `refuse`, throws
 * UnreadableSampleError of the first one.
 */
export function mergeParts(
  images: Uint8Array<SharedArrayBuffer>,
  parts: readonly PartRows[],
  unreadable: 'refuse' | 'skip',
): LoadedBatch {
  const failures = parts.flatMap(({ part }) => part.failures).sort((a, b) => a.row - b.row);
  const first = failures[0];
  if (first && unreadable === 'refuse') throw new UnreadableSampleError(first.path, first.reason);
  const labels = new Int32Array(parts.reduce((sum, { rows }) => sum + rows.length, 0));
  for (const { part, rows } of parts) for (const [at, row] of rows.entries()) labels[row] = part.labels[at] ?? 0;
  return withoutFailures(images, labels, failures);
}

function withoutFailures(
  images: Uint8Array<SharedArrayBuffer>,
  labels: Int32Array<ArrayBuffer>,
  failures: readonly SampleFailure[],
): LoadedBatch {
  if (failures.length === 0) return { images, labels, numSamples: labels.length, skipped: [] };
  const failed = new Set(failures.map(({ row }) => row));
  const rowBytes = images.length / labels.length;
  const kept = [...labels.keys()].filter((row) => !failed.has(row));
  for (const [to, from] of kept.entries()) images.copyWithin(to * rowBytes, from * rowBytes, (from + 1) * rowBytes);
  return {
    images: images.subarray(0, kept.length * rowBytes),
    labels: Int32Array.from(kept, (row) => labels[row] ?? 0),
    numSamples: kept.length,
    skipped: failures.map(({ path, reason }) => ({ path, reason })),
  };
}
