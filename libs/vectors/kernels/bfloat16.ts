import { flushed } from './shared/flushed';

/**
 * Rounding to bfloat16 (nearest, ties to even, every NaN 0x7fc0) and sums of such numbers. Addresses are bytes; `end` is
 * where the target ends. Integer arithmetic alone rounds, so the bits are the same on any machine.
 */

const NAN: i32 = 0x7fc0_0000;

/** x rounded, in the upper half of each word: x + 0x7fff + (the last bit that stays), or NaN where x is not x. */

function roundedUp(x: v128): v128 {
  const lastBit = v128.and(i32x4.shr_u(x, 16), i32x4.splat(1));
  const sum = i32x4.add(x, i32x4.add(lastBit, i32x4.splat(0x7fff)));
  return v128.bitselect(i32x4.splat(NAN), sum, f32x4.ne(x, x));
}

/** The same as float32. */

function rounded(x: v128): v128 {
  return v128.and(roundedUp(x), i32x4.splat(0xffff_0000));
}

/** Two times four words, rounded, as eight halves. */

function packed(low: v128, high: v128): v128 {
  return i16x8.narrow_i32x4_u(i32x4.shr_u(roundedUp(low), 16), i32x4.shr_u(roundedUp(high), 16));
}

function widenLow(halves: v128): v128 {
  return i32x4.shl(i32x4.extend_low_i16x8_u(halves), 16);
}

function widenHigh(halves: v128): v128 {
  return i32x4.shl(i32x4.extend_high_i16x8_u(halves), 16);
}

/** Halves at `target` from float32 numbers at `source`. */
export function pack(target: usize, source: usize, end: usize): void {
  do {
    v128.store(target, packed(v128.load(source), v128.load(source, 16)));
    target += 16;
    source += 32;
  } while (target < end);
}

/** Float32 numbers at `target` from halves at `source`. */
export function unpack(target: usize, source: usize, end: usize): void {
  do {
    const halves = v128.load(source);
    v128.store(target, widenLow(halves));
    v128.store(target, widenHigh(halves), 16);
    target += 32;
    source += 16;
  } while (target < end);
}

/** target = left + right, all halves; the target may be one of the two. */
export function addPacked(target: usize, left: usize, right: usize, end: usize): void {
  do {
    const one = v128.load(left);
    const other = v128.load(right);
    const low = flushed(f32x4.add(widenLow(one), widenLow(other)));
    const high = flushed(f32x4.add(widenHigh(one), widenHigh(other)));
    v128.store(target, packed(low, high));
    target += 16;
    left += 16;
    right += 16;
  } while (target < end);
}

/** target = left + right, all float32, rounded before and after; the target may be one of the two. */
export function addRounded(target: usize, left: usize, right: usize, end: usize): void {
  do {
    v128.store(target, rounded(flushed(f32x4.add(rounded(v128.load(left)), rounded(v128.load(right))))));
    target += 16;
    left += 16;
    right += 16;
  } while (target < end);
}
