import { UnreadableSampleError } from '#dataset';
import { freeMemory } from '#vectors';
import type { Batch } from '../batch.js';
import type { DecodedPart, SampleFailure } from './decode-messages.js';

/** A batch whose buffers belong to the receiver and may be transferred. */
export interface LoadedBatch extends Batch {
  readonly images: Uint8Array<ArrayBuffer>;
  readonly labels: Int32Array<ArrayBuffer>;
  /** Samples that were left out, with the reason (`unreadable: 'skip'`). */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

export interface PartRows {
  readonly part: DecodedPart;
  /** Row of the batch for each row of the part. */
  readonly rows: readonly number[];
}

/**
 * Takes the parts of several threads, puts them together in the order asked for, and closes up the rows of failed samples or,
 * with `refuse`, throws UnreadableSampleError of the first one.
 */
export function mergeParts(parts: readonly PartRows[], imageSize: number, unreadable: 'refuse' | 'skip'): LoadedBatch {
  const failures = parts
    .flatMap(({ part, rows }) => part.failures.map((failure) => ({ ...failure, row: rows[failure.row] ?? 0 })))
    .sort((a, b) => a.row - b.row);
  const first = failures[0];
  if (first && unreadable === 'refuse') throw new UnreadableSampleError(first.path, first.reason);
  const only = parts.length === 1 ? parts[0] : undefined;
  const { images, labels } = only ? only.part : interleave(parts, imageSize * imageSize * 3);
  return withoutFailures(images, labels, failures);
}

function interleave(parts: readonly PartRows[], rowBytes: number): Pick<LoadedBatch, 'images' | 'labels'> {
  const numRows = parts.reduce((sum, { rows }) => sum + rows.length, 0);
  const images = new Uint8Array(numRows * rowBytes);
  const labels = new Int32Array(numRows);
  for (const { part, rows } of parts) {
    for (const [from, to] of rows.entries()) {
      images.set(part.images.subarray(from * rowBytes, (from + 1) * rowBytes), to * rowBytes);
      labels[to] = part.labels[from] ?? 0;
    }
    freeMemory(part.images);
  }
  return { images, labels };
}

function withoutFailures(
  images: Uint8Array<ArrayBuffer>,
  labels: Int32Array<ArrayBuffer>,
  failures: readonly SampleFailure[],
): LoadedBatch {
  if (failures.length === 0) return { images, labels, numSamples: labels.length, skipped: [] };
  const failed = new Set(failures.map(({ row }) => row));
  const rowBytes = images.length / labels.length;
  const kept = [...labels.keys()].filter((row) => !failed.has(row));
  const keptImages = new Uint8Array(kept.length * rowBytes);
  for (const [to, from] of kept.entries()) {
    keptImages.set(images.subarray(from * rowBytes, (from + 1) * rowBytes), to * rowBytes);
  }
  return {
    images: keptImages,
    labels: Int32Array.from(kept, (row) => labels[row] ?? 0),
    numSamples: kept.length,
    skipped: failures.map(({ path, reason }) => ({ path, reason })),
  };
}
