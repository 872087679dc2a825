import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { windowOf } from '../../pixel-image.js';
import { storedWindow, turnUpright, uprightSize } from './turn-upright.js';

const [width, height] = [3, 2];
const pixels = Uint8Array.from({ length: width * height * 3 }, (_, at) => at * 7);
const image = { width, height, pixels };

describe('an image with an EXIF orientation', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('of %i is turned as libvips turns it', async (orientation) => {
    const stored = await sharp(pixels, { raw: { width, height, channels: 3 } })
      .withMetadata({ orientation })
      .png()
      .toBuffer();
    const upright = await sharp(stored).autoOrient().raw().toBuffer({ resolveWithObject: true });
    const turned = turnUpright(image, orientation);
    expect(uprightSize(image, orientation)).toEqual({ width: upright.info.width, height: upright.info.height });
    expect([turned.width, turned.height]).toEqual([upright.info.width, upright.info.height]);
    expect([...turned.pixels]).toEqual([...upright.data]);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'of %i shows the same window, turned before or after it is cut out',
    (orientation) => {
      const turned = turnUpright(image, orientation);
      for (let x = 0; x < turned.width; x += 1) {
        for (let y = 0; y < turned.height; y += 1) {
          const window = { x, y, width: turned.width - x, height: Math.min(2, turned.height - y) };
          const first = turnUpright(windowOf(image, storedWindow(window, image, orientation)), orientation);
          expect(first).toEqual(windowOf(turned, window));
        }
      }
    },
  );
});
