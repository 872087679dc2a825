import type { Size } from '../../pixel-image.js';

/** Pillow's fixed-point weights: 32 bits less 8 of the pixel and 2 to spare. */
export const PRECISION_BITS = 22;
const ONE = 2 ** PRECISION_BITS;
export const HALF = ONE / 2;

/** Some neighbouring outputs of one axis. */
export interface AxisPart {
  /** Pixels of the axis before and after it is resized. */
  readonly from: number;
  readonly to: number;
  /** The outputs that are wanted. */
  readonly first: number;
  readonly count: number;
}

/** For each output position: the first source position it is mixed of, and the weights from there on. */
export interface Taps {
  readonly firsts: Int32Array;
  readonly counts: Int32Array;
  /** `stride` weights an output position. */
  readonly weights: Int32Array;
  readonly stride: number;
  /** Source positions that any output is mixed of: [begin, end). */
  readonly begin: number;
  readonly end: number;
  /** Every output is the source position of its number. */
  readonly isIdentity: boolean;
}

/** Pillow's bilinear filter: a triangle that is as wide as the step between outputs where the image shrinks. */
export function tapsOf(part: AxisPart): Taps {
  const { from, to, first, count } = part;
  if (from === to) return identityTaps(part);
  const scale = from / to;
  const support = Math.max(scale, 1);
  const stride = Math.ceil(support) * 2 + 1;
  const [firsts, counts] = [new Int32Array(count), new Int32Array(count)];
  const weights = new Int32Array(count * stride);
  const raw = new Float64Array(stride);
  for (let at = 0; at < count; at += 1) {
    const centre = (first + at + 0.5) * scale;
    const begin = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(from, Math.trunc(centre + support + 0.5));
    let total = 0;
    for (let tap = 0; tap < end - begin; tap += 1) {
      const weight = Math.max(0, 1 - Math.abs((tap + begin - centre + 0.5) * (1 / support)));
      raw[tap] = weight;
      total += weight;
    }
    firsts[at] = begin;
    counts[at] = end - begin;
    for (let tap = 0; tap < end - begin; tap += 1) {
      weights[at * stride + tap] = Math.trunc(((raw[tap] ?? 0) / total) * ONE + 0.5);
    }
  }
  const last = (firsts[count - 1] ?? 0) + (counts[count - 1] ?? 0);
  return { firsts, counts, weights, stride, begin: firsts[0] ?? 0, end: last, isIdentity: false };
}

/** A pixel of its own for each output: the triangle gives its neighbour a share of nothing. */
function identityTaps({ first, count }: AxisPart): Taps {
  return {
    firsts: Int32Array.from({ length: count }, (_, at) => first + at),
    counts: new Int32Array(count).fill(1),
    weights: new Int32Array(count).fill(ONE),
    stride: 1,
    begin: first,
    end: first + count,
    isIdentity: true,
  };
}

/** The same outputs from the last to the first: the axis mirrored after it is resized. */
export function mirroredTaps(taps: Taps): Taps {
  const { firsts, counts, weights, stride } = taps;
  const reversed = new Int32Array(weights.length);
  for (let to = 0, from = weights.length - stride; from >= 0; to += stride, from -= stride) {
    reversed.set(weights.subarray(from, from + stride), to);
  }
  return { ...taps, firsts: firsts.toReversed(), counts: counts.toReversed(), weights: reversed, isIdentity: false };
}

/** Taps whose source position 0 lies at `offset` of the pixels given. */
export interface PlacedTaps extends Taps {
  readonly offset: number;
}

/** Both passes of a resize. */
export interface Resampling {
  readonly columns: PlacedTaps;
  readonly rows: PlacedTaps;
  /** Of the output. */
  readonly size: Size;
}
