/**
 * Two passes of Pillow's resize, in WebAssembly: AssemblyScript with SIMD (`npm run build:kernels`).
 * Addresses are bytes in the module's memory, which the caller lays out and fills. Weights are words of 22 bits of fixed
 * point, `stride` of them for each output, `counts` of which are used from the source position in `firsts` on.
 */

const PRECISION_BITS: i32 = 22;
const HALF: i32 = 1 << 21;

/**
 * Columns: every row of the source becomes one of `width` outputs. A pixel is three bytes; four are read, so the source must
 * be followed by one more byte, and four are written, so a line of the target has one more byte than its pixels.
 */
export function columns(
  source: usize,
  sourceLine: usize,
  target: usize,
  targetLine: usize,
  width: i32,
  numRows: i32,
  firsts: usize,
  counts: usize,
  weights: usize,
  stride: i32,
): void {
  for (let row: i32 = 0; row < numRows; row += 1) {
    let out = target;
    let weightLine = weights;
    for (let column: i32 = 0; column < width; column += 1) {
      let position = source + <usize>(load<i32>(firsts + ((<usize>column) << 2)) * 3);
      const count = load<i32>(counts + ((<usize>column) << 2));
      let sum = i32x4.splat(HALF);
      for (let tap: i32 = 0; tap < count; tap += 1) {
        const pixel = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(position)));
        sum = i32x4.add(sum, i32x4.mul(pixel, v128.load32_splat(weightLine + ((<usize>tap) << 2))));
        position += 3;
      }
      const shifted = i32x4.shr_u(sum, PRECISION_BITS);
      const bytes = i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_u(shifted, shifted), i16x8.splat(0));
      store<i32>(out, i32x4.extract_lane(bytes, 0));
      out += 3;
      weightLine += (<usize>stride) << 2;
    }
    source += sourceLine;
    target += targetLine;
  }
}

/**
 * Rows: each of `numRows` outputs is mixed of lines of `lineBytes`, sixteen bytes at a time: lines are padded to sixteens.
 * Outputs lie `targetLine` bytes apart, and the last is followed by up to fifteen bytes more.
 */
export function rows(
  source: usize,
  target: usize,
  lineBytes: usize,
  targetLine: usize,
  numRows: i32,
  firsts: usize,
  counts: usize,
  weights: usize,
  stride: i32,
): void {
  for (let row: i32 = 0; row < numRows; row += 1) {
    const begin = source + <usize>load<i32>(firsts + ((<usize>row) << 2)) * lineBytes;
    const count = load<i32>(counts + ((<usize>row) << 2));
    for (let at: usize = 0; at < lineBytes; at += 16) {
      let first = i32x4.splat(HALF);
      let second = i32x4.splat(HALF);
      let third = i32x4.splat(HALF);
      let fourth = i32x4.splat(HALF);
      let from = begin + at;
      for (let tap: i32 = 0; tap < count; tap += 1) {
        const weight = v128.load32_splat(weights + ((<usize>tap) << 2));
        const bytes = v128.load(from);
        const low = i16x8.extend_low_i8x16_u(bytes);
        const high = i16x8.extend_high_i8x16_u(bytes);
        first = i32x4.add(first, i32x4.mul(i32x4.extend_low_i16x8_u(low), weight));
        second = i32x4.add(second, i32x4.mul(i32x4.extend_high_i16x8_u(low), weight));
        third = i32x4.add(third, i32x4.mul(i32x4.extend_low_i16x8_u(high), weight));
        fourth = i32x4.add(fourth, i32x4.mul(i32x4.extend_high_i16x8_u(high), weight));
        from += lineBytes;
      }
      const left = i16x8.narrow_i32x4_u(i32x4.shr_u(first, PRECISION_BITS), i32x4.shr_u(second, PRECISION_BITS));
      const right = i16x8.narrow_i32x4_u(i32x4.shr_u(third, PRECISION_BITS), i32x4.shr_u(fourth, PRECISION_BITS));
      v128.store(target + <usize>row * targetLine + at, i8x16.narrow_i16x8_u(left, right));
    }
    weights += (<usize>stride) << 2;
  }
}
