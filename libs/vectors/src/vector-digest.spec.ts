import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { vectorDigest } from './vector-digest.js';

const { imul } = Math;

/** The same in plain JavaScript, word by word. */
function plainDigest(vector: Float32Array): string {
  const words = new Int32Array(Math.ceil(vector.length / 16) * 16);
  new Float32Array(words.buffer).set(vector);
  const state = new Int32Array(16);
  for (const [index, word] of words.entries()) {
    const mixed = ((state[index % 16] ?? 0) + imul(word, 0x85ebca77)) | 0;
    state[index % 16] = imul((mixed << 13) | (mixed >>> 19), 0x9e3779b1);
  }
  return createHash('sha256').update(state).update(String(vector.length)).digest('hex').slice(0, 32);
}

const waves = (length: number): Float32Array => Float32Array.from({ length }, (_, index) => Math.sin(index));

describe('vectorDigest', () => {
  it.each([1, 15, 16, 8_191, 8_192, 8_193, 40_001])('is what its description says, for %i elements', async (length) => {
    expect(await vectorDigest(waves(length))).toBe(plainDigest(waves(length)));
  });

  it('is the same for two long vectors at once, whose pieces take turns', async () => {
    const long = (scale: number): Float32Array => Float32Array.from({ length: 2_500_001 }, (_, index) => index * scale);
    const together = await Promise.all([vectorDigest(long(0.5)), vectorDigest(long(0.25)), vectorDigest(waves(100))]);
    expect(together).toEqual([plainDigest(long(0.5)), plainDigest(long(0.25)), plainDigest(waves(100))]);
  });

  it('tells any single bit, the sign of zero, the order and the length', async () => {
    const vector = waves(20_000);
    const seen = new Set([await vectorDigest(vector)]);
    const bits = new Int32Array(vector.buffer);
    for (const index of [0, 8_191, 19_999]) {
      bits[index] = (bits[index] ?? 0) ^ 1;
      seen.add(await vectorDigest(vector));
      bits[index] = (bits[index] ?? 0) ^ 1;
    }
    vector[0] = -0;
    seen.add(await vectorDigest(vector));
    seen.add(await vectorDigest(waves(20_000).toReversed()));
    seen.add(await vectorDigest(waves(19_999)));
    seen.add(await vectorDigest(Float32Array.of(...waves(19_999), 0)));
    expect(seen.size).toBe(8);
  });
});
