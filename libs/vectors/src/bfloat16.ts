/**
 * bfloat16: the upper half of a float32. Rounded to nearest, ties to even, without flush to zero; what is too large
 * becomes infinite, and every NaN becomes 0x7fc0, because the bits of a NaN that an addition makes depend on the
 * processor. Integer arithmetic alone decides, so the bits are the same on any machine.
 *
 * Four numbers at a time in WebAssembly, blocks copied in and out as in `addInto`.
 */
import { addWords, and, compileKernels, get, kernel, load, set, shiftLeft, shiftRight } from './simd-module.js';
import { OTHER, simd, store, TARGET, tee, VECTORS, words, type Code } from './simd-module.js';

const [X, V, W] = VECTORS;
const NAN = 0x7fc0_0000;

const add = (left: Code, right: Code): Code => [...left, ...right, ...simd(0xe4)];

/** x rounded, in the upper half of each word: x + 0x7fff + (the last bit that stays), or NaN where x is not x. */
const roundedUp = (value: Code): Code => [
  ...words(NAN),
  ...addWords([...value, ...tee(X)], addWords(and(shiftRight(get(X), 16), words(1)), words(0x7fff))),
  ...get(X),
  ...get(X),
  ...simd(0x42),
  ...simd(0x52),
];
/** The same as float32. */
const rounded = (value: Code): Code => and(roundedUp(value), words(0xffff_0000));
/** Two times four words, rounded, as eight halves. */
const packed = (low: Code, high: Code): Code => [
  ...shiftRight(roundedUp(low), 16),
  ...shiftRight(roundedUp(high), 16),
  ...simd(0x86),
];
const widenLow = (halves: Code): Code => shiftLeft([...halves, ...simd(0xa9)], 16);
const widenHigh = (halves: Code): Code => shiftLeft([...halves, ...simd(0xaa)], 16);

const { page, run } = compileKernels({
  pack: kernel(store(packed(load(OTHER), load(OTHER, 16))), { target: 16, other: 32 }),
  unpack: kernel(
    [...load(OTHER), ...set(V), ...store(widenLow(get(V))), ...store(widenHigh(get(V)), 16)],
    { target: 32, other: 16 }, //
  ),
  addPacked: kernel(
    [
      ...load(TARGET),
      ...set(V),
      ...load(OTHER),
      ...set(W),
      ...store(packed(add(widenLow(get(V)), widenLow(get(W))), add(widenHigh(get(V)), widenHigh(get(W))))),
    ],
    { target: 16, other: 16 },
  ),
  addRounded: kernel(store(rounded(add(rounded(load(TARGET)), rounded(load(OTHER))))), { target: 16, other: 16 }),
});

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
  pass({ kernel: run.pack, target, other: source, adds: false });
}

/** target = source; exact. */
export function unpackBfloat16(target: Float32Array, source: Uint16Array): void {
  pass({ kernel: run.unpack, target, other: source, adds: false });
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

/** target += other, both bfloat16: each sum is one of float32, then rounded. */
export function addBfloat16(target: Uint16Array, other: Uint16Array): void {
  pass({ kernel: run.addPacked, target, other, adds: true });
}

/**
 * The same on bfloat16 numbers that lie in float32: both are rounded first, which changes nothing where they are
 * rounded already, so a lane's own gradient may be given as it is.
 */
export function addRounded(target: Float32Array, other: Float32Array): void {
  pass({ kernel: run.addRounded, target, other, adds: true });
}
