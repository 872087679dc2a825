import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { inspectBytes, type ImageHeader } from '#dataset';
import { portableDecoder } from '../decoders/portable-decoder.js';
import { sampleEncoder } from './sample-encoder.js';

const decoder = portableDecoder();
const shrink = { shorterSide: 16, quality: 90 };
/** Black on the left as it is stored, white on the right. */
const stored = sharp({ create: { width: 64, height: 32, channels: 3, background: 'black' } }).composite([
  { input: { create: { width: 32, height: 32, channels: 3, background: 'white' } }, left: 32, top: 0 },
]);
const headerOf = (bytes: Uint8Array): ImageHeader => {
  const inspection = inspectBytes(bytes);
  if (inspection.kind === 'fault') throw new Error(inspection.reason);
  return inspection.header;
};

describe('the image file of a packed sample', () => {
  it('is the one of the source unless that is larger than wanted', async () => {
    const bytes = await stored.clone().png().toBuffer();
    const file = { kind: 'file' } as const;
    for (const wanted of [null, { shorterSide: 32, quality: 90 }]) {
      const same = await sampleEncoder({ decoder, orientation: 'upright', shrink: wanted })(bytes, file);
      expect([same.bytes, same.isEncoded]).toEqual([bytes, false]);
    }
    const smaller = await sampleEncoder({ decoder, orientation: 'upright', shrink })(bytes, file);
    expect(smaller).toMatchObject({ isEncoded: true, isTurned: false });
    expect(headerOf(smaller.bytes)).toMatchObject({ format: 'jpeg', width: 32, height: 16 });
  });

  it('is turned upright, and says so no more', async () => {
    // 6: its left side is the upper one.
    const bytes = await stored.clone().jpeg().withMetadata({ orientation: 6 }).toBuffer();
    const encode = sampleEncoder({ decoder, orientation: 'upright', shrink });
    const { bytes: turned, isTurned } = await encode(bytes, { kind: 'file' });
    expect([isTurned, headerOf(turned)]).toEqual([
      true,
      expect.objectContaining({ width: 16, height: 32, orientation: 1 }),
    ]);
    const pixels = await sharp(turned).raw().toBuffer();
    expect([pixels[0], pixels.at(-1)]).toEqual([0, 255]);
  });

  it('is a PNG of the same pixels where the source has bare ones', async () => {
    const planes = Uint8Array.from({ length: 12 }, (_, at) => at * 20);
    const encode = sampleEncoder({ decoder, orientation: 'as-stored', shrink });
    const { bytes } = await encode(planes, { kind: 'planar-rgb', width: 2, height: 2 });
    const pixels = [...(await sharp(bytes).raw().toBuffer())];
    expect(pixels).toEqual([0, 80, 160, 20, 100, 180, 40, 120, 200, 60, 140, 220]);
  });
});
