/**
 * bfloat16: the upper half of a float32. Rounded to nearest, ties to even, without flush to zero; what is too large
 * becomes infinite, and every NaN becomes 0x7fc0, because the bits of a NaN that an addition makes depend on the
 * processor. Integer arithmetic alone decides, so the bits are the same on any machine.
 *
 * Four numbers at a time in WebAssembly, blocks copied in and out as in `addInto`.
 */
import { KernelMemory } from './kernel-memory.js';
import { kernels, page } from './kernels.js';

/** Elements at once: a target and an other of float32 are half of the page. */
const BLOCK = 4_096;
const OTHER_AT = BLOCK * 4;
const floats = [new Float32Array(page, 0, BLOCK), new Float32Array(page, OTHER_AT, BLOCK)] as const;
const halves = [new Uint16Array(page, 0, BLOCK), new Uint16Array(page, OTHER_AT, BLOCK)] as const;

type Values = Float32Array | Uint16Array;

/** `turn` over blocks of the page: `left`, where there is one, lies in the target's block. */
function pass(
  target: Values,
  sources: { readonly left?: Values; readonly right: Values },
  turn: (end: number) => void,
): void {
  const { left, right } = sources;
  const length = target.length;
  for (const source of [left, right])
    if (source !== undefined && source.length !== length)
      throw new RangeError(`${source.length} elements for a vector of ${length}`);
  const targetBlock = blocks(target)[0];
  const otherBlock = blocks(right)[1];
  for (let from = 0; from < length; from += BLOCK) {
    const block = target.subarray(from, from + BLOCK);
    if (left !== undefined) targetBlock.set(left.subarray(from, from + BLOCK));
    otherBlock.set(right.subarray(from, from + BLOCK));
    // A short last block is rounded up to whole turns; what lies beyond it is not copied back.
    turn(Math.ceil(block.length / 8) * 8 * target.BYTES_PER_ELEMENT);
    block.set(block.length === BLOCK ? targetBlock : targetBlock.subarray(0, block.length));
  }
}

const blocks = (values: Values): readonly [Values, Values] => (values instanceof Float32Array ? floats : halves);

/** target = source, rounded to bfloat16. */
export function packBfloat16(target: Uint16Array, source: Float32Array): void {
  pass(target, { right: source }, (end) => kernels.pack(0, OTHER_AT, end));
}

/** target = source; exact. */
export function unpackBfloat16(target: Float32Array, source: Uint16Array): void {
  pass(target, { right: source }, (end) => kernels.unpack(0, OTHER_AT, end));
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

/**
 * target = left + right, all bfloat16: each sum is one of float32, below 2^-126 a zero as in `addInto`, then rounded. The
 * target may be one of the two. What lies in one `KernelMemory` is added there.
 */
export function addBfloat16(target: Uint16Array, left: Uint16Array, right: Uint16Array): void {
  const isOneLength = left.length === target.length && right.length === target.length;
  const memory = isOneLength ? KernelMemory.common(target, left, right) : null;
  if (memory === null) return pass(target, { left, right }, (end) => kernels.addPacked(0, 0, OTHER_AT, end));
  memory.addPacked(target.byteOffset, left.byteOffset, right.byteOffset, target.byteOffset + target.byteLength);
}

/**
 * target += other, bfloat16 numbers that lie in float32: both are rounded first, which changes nothing where they are
 * rounded already, so a lane's own gradient may be given as it is.
 */
export function addRounded(target: Float32Array, other: Float32Array): void {
  pass(target, { left: target, right: other }, (end) => kernels.addRounded(0, 0, OTHER_AT, end));
}
