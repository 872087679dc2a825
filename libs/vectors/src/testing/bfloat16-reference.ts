/** bfloat16 one number at a time, as plainly as it can be said; what the vector code is compared with. */

/** The bits of a float32 number. */
export function bitsOfFloat(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0;
}

/** The float32 number of 32 bits. */
export function floatOfBits(bits: number): number {
  return new Float32Array(Uint32Array.of(bits).buffer)[0] ?? 0;
}

/** To the nearest of the two bfloat16 numbers around a float32; a tie goes to the one whose last bit is 0. */
export function roundToBfloat16(bits: number): number {
  if ((bits & 0x7fff_ffff) > 0x7f80_0000) return 0x7fc0;
  const below = bits >>> 16;
  const rest = bits & 0xffff;
  const goesUp = rest > 0x8000 || (rest === 0x8000 && below % 2 === 1);
  return goesUp ? below + 1 : below;
}

/** Sum of two bfloat16 numbers: added as float32, below 2^-126 a zero of its sign, then rounded. */
export function addOneBfloat16(left: number, right: number): number {
  const sum = Math.fround(floatOfBits(left << 16) + floatOfBits(right << 16));
  const bits = bitsOfFloat(sum);
  return roundToBfloat16(Math.abs(sum) < 2 ** -126 ? bits & 0x8000_0000 : bits);
}
