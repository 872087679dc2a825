import { describe, expect, it } from '@jest/globals';
import { UnreadableSampleError, type DatasetReader } from '#dataset';
import { decodeSample } from './decode-sample.js';
import type { ImageDecoder } from './decoders/image-decoder.js';

const decoder: ImageDecoder = {
  kind: 'portable',
  decodeWindow: () => {
    throw new Error('not asked for');
  },
};
/** A file whose copies on this host are these, one after the other. */
function readerOf(...copies: readonly Uint8Array<ArrayBuffer>[]): { reader: DatasetReader; numAnew: () => number } {
  let numAnew = 0;
  const reader: DatasetReader = {
    length: 1,
    classes: ['a', 'b'],
    encoding: { kind: 'planar-rgb', width: 1, height: 1 },
    label: () => 0,
    orientation: () => 0,
    describe: () => '0.tar, byte 512',
    filesOf: () => [],
    read: () => Promise.resolve(copies[0] ?? new Uint8Array()),
    readAnew: () => Promise.resolve(copies[(numAnew += 1)] ?? null),
    close: () => Promise.resolve(),
  };
  return { reader, numAnew: () => numAnew };
}
const [damaged, sound] = [Uint8Array.of(0, 0, 0), Uint8Array.of(1, 2, 3)];
const redOf = (reader: DatasetReader): Promise<number> =>
  decodeSample({ reader, decoder, orientation: 'upright' }, 0, {
    async use(image) {
      const { pixels } = await image.region({ x: 0, y: 0, width: 1, height: 1 });
      if (pixels[0] === 0) throw new Error('no picture');
      return pixels[0] ?? 0;
    },
  });

describe('a sample that cannot be decoded', () => {
  it('is read anew, once, where the copy on this host was damaged', async () => {
    const { reader, numAnew } = readerOf(damaged, sound);
    expect(await redOf(reader)).toBe(1);
    expect(numAnew()).toBe(1);
  });

  it('is unreadable where it is no better then, or nothing was fetched', async () => {
    for (const { reader, numAnew } of [readerOf(damaged, damaged, sound), readerOf(damaged)]) {
      await expect(redOf(reader)).rejects.toThrow(UnreadableSampleError);
      expect(numAnew()).toBe(1);
    }
  });

  it('is not read anew where it is sound', async () => {
    const { reader, numAnew } = readerOf(sound, sound);
    expect(await redOf(reader)).toBe(1);
    expect(numAnew()).toBe(0);
  });
});
