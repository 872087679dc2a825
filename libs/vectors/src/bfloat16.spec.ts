import { describe, expect, it } from '@jest/globals';
import { randomStream } from '#contracts';
import { addBfloat16, addRounded, packBfloat16, unpackBfloat16 } from './bfloat16.js';
import { addOneBfloat16, roundToBfloat16 } from './testing/bfloat16-reference.js';

/** Words around every border of the format: ties, the largest number, infinity, NaNs, subnormals, both zeros. */
const BORDERS = [
  [0x0000_0000, 0x0000_0001, 0x0000_7fff, 0x0000_8000, 0x0000_8001, 0x0001_8000, 0x007f_ffff, 0x007f_8000],
  [0x0080_0000, 0x3f80_8000, 0x3f81_8000, 0x3f80_7fff, 0x3f80_8001, 0x3f81_7fff, 0x7f7f_7fff, 0x7f7f_8000],
  [0x7f7f_ffff, 0x7f80_0000, 0x7f80_0001, 0x7f80_8000, 0x7fbf_ffff, 0x7fc0_0000, 0x7fff_ffff, 0x7f80_ffff],
].flat();

/** Borders of both signs, then words of a generator; an odd count, more than a block. */
function words(count: number, seed: number): Uint32Array<ArrayBuffer> {
  const stream = randomStream(seed);
  const signed = BORDERS.flatMap((bits) => [bits, (bits | 0x8000_0000) >>> 0]);
  return Uint32Array.from(
    { length: count },
    (_, index) => signed[index] ?? stream.nextInt(2 ** 31) * 2 + stream.nextInt(2),
  );
}
const floatsOf = (bits: Uint32Array<ArrayBuffer>): Float32Array<ArrayBuffer> => new Float32Array(bits.slice().buffer);
const wordsOf = (values: Float32Array<ArrayBuffer>): Uint32Array => new Uint32Array(values.buffer);

describe('bfloat16', () => {
  for (const count of [1, 48, 4_096, 20_001]) {
    it(`has the reference's bits for ${count} numbers`, () => {
      const bits = words(count, 3);
      const packed = new Uint16Array(count);
      packBfloat16(packed, floatsOf(bits));
      expect(packed).toEqual(Uint16Array.from(bits, roundToBfloat16));
      const widened = new Float32Array(count);
      unpackBfloat16(widened, packed);
      expect(wordsOf(widened)).toEqual(Uint32Array.from(packed, (half) => half << 16));
    });
  }

  it('adds every pair of border numbers as the reference does, packed or not', () => {
    const singles = [...new Set([...words(200, 5)].map(roundToBfloat16))];
    const left = Uint16Array.from(singles.flatMap((half) => singles.map(() => half)));
    const right = Uint16Array.from(singles.flatMap(() => singles));
    const expected = left.map((half, index) => addOneBfloat16(half, right[index] ?? 0));
    const sum = new Uint16Array(left.length);
    addBfloat16(sum, left, right);
    expect(sum).toEqual(expected);
    const [wide, other] = [new Float32Array(left.length), new Float32Array(left.length)];
    unpackBfloat16(wide, left);
    unpackBfloat16(other, right);
    addRounded(wide, other);
    expect(wordsOf(wide)).toEqual(Uint32Array.from(expected, (half) => half << 16));
  });

  it('rounds what it adds first, so that a sum has the bits of a sum of rounded numbers', () => {
    const [left, right] = [floatsOf(words(9_000, 7)), floatsOf(words(9_000, 8).toReversed())];
    const [packedLeft, packedRight] = [new Uint16Array(9_000), new Uint16Array(9_000)];
    packBfloat16(packedLeft, left);
    packBfloat16(packedRight, right);
    addBfloat16(packedLeft, packedLeft, packedRight);
    addRounded(left, right);
    const packed = new Uint16Array(9_000);
    packBfloat16(packed, left);
    expect(packed).toEqual(packedLeft);
  });

  it('refuses vectors of different lengths', () => {
    expect(() => addBfloat16(new Uint16Array(3), new Uint16Array(3), new Uint16Array(4))).toThrow(
      /4 elements for a vector of 3/,
    );
  });
});
