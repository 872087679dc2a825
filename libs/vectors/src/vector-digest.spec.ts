import { describe, expect, it } from '@jest/globals';
import { digestNow, vectorDigest } from './vector-digest.js';
import { columnWeights, DIGEST_ROW, DIGEST_SHIFT, lengthTerm, rowWeights } from './digest-weights.js';

/** The same in plain JavaScript, pair by pair. */
function plainDigest(vector: Float32Array): string {
  const rows = rowWeights(vector.length);
  const words = new BigInt64Array((rows.length * DIGEST_ROW) / 2);
  new Float32Array(words.buffer).set(vector);
  let sum = lengthTerm(vector.length);
  for (const [index, word] of words.entries()) {
    const weight =
      (columnWeights[index % columnWeights.length] ?? 0n) * (rows[Math.floor(index / columnWeights.length)] ?? 0n);
    sum = BigInt.asUintN(64, sum + (word + (word >> BigInt(DIGEST_SHIFT))) * weight);
  }
  return sum.toString(16).padStart(16, '0');
}

const waves = (length: number): Float32Array => Float32Array.from({ length }, (_, index) => Math.sin(index));

describe('vectorDigest', () => {
  it.each([1, 2, 15, 4_095, 4_096, 4_097, 8_193, 40_001])(
    'is what its description says, for %i elements',
    async (length) => {
      expect(await vectorDigest(waves(length))).toBe(plainDigest(waves(length)));
      expect(digestNow(waves(length))).toBe(plainDigest(waves(length)));
    },
  );

  it('is the same for two long vectors at once, whose pieces take turns', async () => {
    const long = (scale: number): Float32Array => Float32Array.from({ length: 2_500_001 }, (_, index) => index * scale);
    const together = await Promise.all([vectorDigest(long(0.5)), vectorDigest(long(0.25)), vectorDigest(waves(100))]);
    expect(together).toEqual([long(0.5), long(0.25), waves(100)].map(plainDigest));
  });

  it('has weights that are all odd and no two alike', () => {
    const weights = [...columnWeights, ...rowWeights(10_000 * DIGEST_ROW)];
    expect(new Set(weights).size).toBe(weights.length);
    expect(weights.every((weight) => (weight & 1n) === 1n)).toBe(true);
  });

  it('tells any single bit, the signs of two zeros, the order and the length', () => {
    const length = 3 * DIGEST_ROW - 95;
    const vector = waves(length);
    vector[0] = 0;
    const seen = new Map<string, string>();
    const see = (what: string, changed: Float32Array): void => {
      const digest = digestNow(changed);
      expect({ what, same: seen.get(digest) }).toEqual({ what, same: undefined });
      seen.set(digest, what);
    };
    const changed = (change: (bits: Int32Array) => void): Float32Array => {
      const copy = vector.slice();
      change(new Int32Array(copy.buffer));
      return copy;
    };
    const flip = (bits: Int32Array, index: number, bit: number): void => {
      bits[index] = (bits[index] ?? 0) ^ (1 << bit);
    };
    see('as it is', vector);
    const places = [0, 1, 2, 3, 4_094, 4_095, 4_096, 4_097, 8_191, length - 2, length - 1];
    for (const index of places)
      for (let bit = 0; bit < 32; bit += 1)
        see(
          `bit ${bit} of ${index}`,
          changed((bits) => flip(bits, index, bit)),
        );
    for (const bit of [31, 30, 0])
      for (const [at, one] of places.entries())
        for (const other of places.slice(at + 1)) {
          see(
            `bit ${bit} of ${one} and ${other}`,
            changed((bits) => {
              flip(bits, one, bit);
              flip(bits, other, bit);
            }),
          );
        }
    for (const [at, one] of places.entries())
      for (const other of places.slice(at + 1))
        see(
          `${one} and ${other} changed places`,
          changed((bits) => {
            [bits[one], bits[other]] = [bits[other] ?? 0, bits[one] ?? 0];
          }),
        );
    see('backwards', vector.toReversed());
    see('shorter', vector.subarray(0, length - 1));
    see('longer', Float32Array.of(...vector, 0));
    see('longer by minus zero', Float32Array.of(...vector, -0));
  });
});
