import type { WireFormat } from '#contracts';

/** A half-open range [lo, hi) of the flat vector, in elements. */
export interface VectorRange {
  readonly lo: number;
  readonly hi: number;
}

/** A range that travels in one frame. */
export interface Piece extends VectorRange {
  readonly format: WireFormat;
}

/**
 * Most bytes of a push or root frame. Part of the wire format: all participants must cut alike, because a range is added up
 * only with the same range of others. Large enough that the frame's header is 0.02 % of its bytes, small enough that
 * two of them stay in an L2 cache while they are added.
 */
export const CHUNK_BYTES = 2 ** 20;

/** Bytes of a number on the wire. */
export const BYTES_PER_ELEMENT: Readonly<Record<WireFormat, number>> = { fp32: 4, bf16: 2 };

/** Ranges are cut at multiples of this many elements (16 KiB), so a short vector stays on one server. */
const UNIT_ELEMENTS = 4_096;

/** Cuts a vector into n contiguous ranges, one per parameter server; later ranges of a short vector are empty. */
export function splitRanges(length: number, n: number): readonly VectorRange[] {
  const numUnits = Math.ceil(length / UNIT_ELEMENTS);
  const boundary = (index: number): number => Math.min(length, Math.ceil((numUnits * index) / n) * UNIT_ELEMENTS);
  return Array.from({ length: n }, (_, index) => ({ lo: boundary(index), hi: boundary(index + 1) }));
}

/**
 * The frames' ranges of one server's range, in order: the vector's first `numRounded` elements as bf16, the others as
 * fp32, never both in one piece.
 */
export function piecesOf({ lo, hi }: VectorRange, numRounded: number): readonly Piece[] {
  const border = Math.min(hi, Math.max(lo, numRounded));
  return [...chunksOf({ lo, hi: border }, 'bf16'), ...chunksOf({ lo: border, hi }, 'fp32')];
}

function chunksOf({ lo, hi }: VectorRange, format: WireFormat): readonly Piece[] {
  const size = CHUNK_BYTES / BYTES_PER_ELEMENT[format];
  return Array.from({ length: Math.ceil((hi - lo) / size) }, (_, index) => {
    const begin = lo + index * size;
    return { lo: begin, hi: Math.min(hi, begin + size), format };
  });
}
