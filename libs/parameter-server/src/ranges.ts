/** A half-open range [lo, hi) of the flat vector, in elements. */
export interface VectorRange {
  readonly lo: number;
  readonly hi: number;
}

/**
 * Elements per push or root frame: 1 MiB of fp32. Part of the wire format: all members must cut alike, because a
 * range is added up only with the same range of others. Large enough that the frame's header is 0.02 % of its bytes,
 * small enough that two of them stay in an L2 cache while they are added.
 */
export const CHUNK_ELEMENTS = 262_144;

/** Ranges are cut at multiples of this many elements (16 KiB), so a short vector stays on one server. */
const UNIT_ELEMENTS = 4_096;

/** Cuts a vector into n contiguous ranges, one per parameter server; later ranges of a short vector are empty. */
export function splitRanges(length: number, n: number): readonly VectorRange[] {
  const numUnits = Math.ceil(length / UNIT_ELEMENTS);
  const boundary = (index: number): number => Math.min(length, Math.ceil((numUnits * index) / n) * UNIT_ELEMENTS);
  return Array.from({ length: n }, (_, index) => ({ lo: boundary(index), hi: boundary(index + 1) }));
}

/** The frames' ranges of one server's range, in order. */
export function chunksOf(range: VectorRange): readonly VectorRange[] {
  const count = Math.ceil((range.hi - range.lo) / CHUNK_ELEMENTS);
  return Array.from({ length: count }, (_, index) => {
    const lo = range.lo + index * CHUNK_ELEMENTS;
    return { lo, hi: Math.min(range.hi, lo + CHUNK_ELEMENTS) };
  });
}
