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

/** Pieces are cut at multiples of this many elements (16 KiB), so a short vector stays on one server. */
const UNIT_ELEMENTS = 4_096;

/**
 * What each of n servers adds up of a vector, in the order in which it travels: the first `numRounded` elements as bf16, the
 * others as fp32, never both in one piece. Pieces are dealt out in turn: whatever part of the vector is known first, all servers
 * and their lines have their share of it.
 */
export function dealPieces(length: number, numRounded: number, n: number): readonly (readonly Piece[])[] {
  const pieces = [
    ...chunksOf({ lo: 0, hi: numRounded, format: 'bf16' }, n),
    ...chunksOf({ lo: numRounded, hi: length, format: 'fp32' }, n),
  ];
  return Array.from({ length: n }, (_, server) => pieces.filter((_piece, index) => index % n === server));
}

/** As many for each of n servers, as far as there are elements. */
function chunksOf({ lo, hi, format }: Piece, n: number): readonly Piece[] {
  if (lo === hi) return [];
  const most = CHUNK_BYTES / BYTES_PER_ELEMENT[format];
  const wanted = n * Math.ceil((hi - lo) / (n * most));
  const size = Math.ceil((hi - lo) / wanted / UNIT_ELEMENTS) * UNIT_ELEMENTS;
  return Array.from({ length: Math.ceil((hi - lo) / size) }, (_, index) => {
    const begin = lo + index * size;
    return { lo: begin, hi: Math.min(hi, begin + size), format };
  });
}
