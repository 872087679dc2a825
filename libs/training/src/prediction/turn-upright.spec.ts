import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { orientationOf, turnUpright } from './turn-upright.js';

const [width, height] = [3, 2];
const pixels = Uint8Array.from({ length: width * height * 3 }, (_, at) => at * 7);

describe('an image with an EXIF orientation', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('of %i is turned as libvips turns it', async (orientation) => {
    const stored = await sharp(pixels, { raw: { width, height, channels: 3 } })
      .withMetadata({ orientation })
      .png()
      .toBuffer();
    const upright = await sharp(stored).autoOrient().raw().toBuffer({ resolveWithObject: true });
    expect(await orientationOf(stored)).toBe(orientation);
    const turned = turnUpright({ width, height, pixels }, orientation);
    expect([turned.width, turned.height]).toEqual([upright.info.width, upright.info.height]);
    expect([...turned.pixels]).toEqual([...upright.data]);
  });

  it('is as it is where there is none, or one that no camera writes', async () => {
    const stored = await sharp(pixels, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer();
    expect(await orientationOf(stored)).toBe(1);
    const image = { width, height, pixels };
    expect(turnUpright(image, 9)).toBe(image);
  });
});
