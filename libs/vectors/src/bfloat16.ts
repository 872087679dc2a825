/**
 * bfloat16: the upper half of a float32. Rounded to nearest, ties to even, without flush to zero; what is too large
 * becomes infinite, and every NaN becomes 0x7fc0, because the bits of a NaN that an addition makes depend on the
 * processor. Integer arithmetic alone decides, so the bits are the same on any machine.
 *
 * Four numbers at a time in WebAssembly, blocks copied in and out as in `addInto`.
 */
import { kernels, page } from './kernels.js';

/** Elements at once: a target and an other of float32 are half of the page. */
const BLOCK = 4_096;
const OTHER_AT = BLOCK * 4;
const floats = [new Float32Array(page, 0, BLOCK), new Float32Array(page, OTHER_AT, BLOCK)] as const;
const halves = [new Uint16Array(page, 0, BLOCK), new Uint16Array(page, OTHER_AT, BLOCK)] as const;

/** What a kernel reads and writes, as whole turns over blocks that are copied in and out. */
interface Pass<Target, Other> {
  readonly kernel: (target: number, other: number, end: number) => void;
  readonly target: Target;
  readonly other: Other;
  /** The target is read, too. */
  readonly adds: boolean;
}

type Values = Float32Array | Uint16Array;

function pass({ kernel: turn, target, other, adds }: Pass<Values, Values>): void {
  const length = target.length;
  if (other.length !== length) throw new RangeError(`${other.length} elements for a vector of ${length}`);
  const targetBlock = target instanceof Float32Array ? floats[0] : halves[0];
  const otherBlock = other instanceof Float32Array ? floats[1] : halves[1];
  for (let from = 0; from < length; from += BLOCK) {
    const block = target.subarray(from, from + BLOCK);
    if (adds) targetBlock.set(block);
    otherBlock.set(other.subarray(from, from + BLOCK));
    // A short last block is rounded up to whole turns; what lies beyond it is not copied back.
    turn(0, OTHER_AT, Math.ceil(block.length / 8) * 8 * target.BYTES_PER_ELEMENT);
    block.set(block.length === BLOCK ? targetBlock : targetBlock.subarray(0, block.length));
  }
}

/** target = source, rounded to bfloat16. */
export function packBfloat16(target: Uint16Array, source: Float32Array): void {
  pass({ kernel: kernels.pack, target, other: source, adds: false });
}

/** target = source; exact. */
export function unpackBfloat16(target: Float32Array, source: Uint16Array): void {
  pass({ kernel: kernels.unpack, target, other: source, adds: false });
}

/** Rounds in place. */
export function roundToBfloat16(vector: Float32Array): void {
  const scratch = new Uint16Array(Math.min(vector.length, BLOCK));
  for (let from = 0; from < vector.length; from += BLOCK) {
    const part = vector.subarray(from, from + BLOCK);
    const half = scratch.subarray(0, part.length);
    packBfloat16(half, part);
    unpackBfloat16(part, half);
  }
}

/** target += other, both bfloat16: each sum is one of float32, below 2^-126 a zero as in `addInto`, then rounded. */
export function addBfloat16(target: Uint16Array, other: Uint16Array): void {
  pass({ kernel: kernels.addPacked, target, other, adds: true });
}

/**
 * The same on bfloat16 numbers that lie in float32: both are rounded first, which changes nothing where they are
 * rounded already, so a lane's own gradient may be given as it is.
 */
export function addRounded(target: Float32Array, other: Float32Array): void {
  pass({ kernel: kernels.addRounded, target, other, adds: true });
}
