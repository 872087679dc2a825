import { describe, expect, it } from '@jest/globals';
import { protocolSchema } from '#contracts';
import type { PixelImage } from '../../pixel-image.js';
import { planCut } from './cut.js';
import { centerTestCrop, cropOrigin, cutOfTestCrop, resizedSize, testCropsOf, type TestCrop } from './test-crops.js';

/** Red is the column, green the row. */
const grid = (width: number, height: number): PixelImage => ({
  width,
  height,
  pixels: Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    const pixel = Math.floor(at / 3);
    return [pixel % width, Math.floor(pixel / width), 7][at % 3] ?? 0;
  }),
});
/** What a crop shows of an image that has its shorter side already. */
const cropped = (image: PixelImage, crop: TestCrop): PixelImage =>
  planCut(cutOfTestCrop(image, crop)).carryOut({ x: 0, y: 0, ...image });
/** Column and row of the source that the first and the last pixel show. */
const corners = ({ pixels }: PixelImage): readonly number[] => [
  ...pixels.subarray(0, 2),
  ...pixels.subarray(pixels.length - 3, pixels.length - 1),
];

describe('the test crops of a protocol', () => {
  it('are four corners and the middle, then those of the mirror image, for ten-crop', () => {
    const crops = testCropsOf({ kind: 'ten-crop', resize: 7, crop: 4, average: 'softmax' }, 99);
    // 10 x 7: columns 0-3, 6-9 and 3-6, rows 0-3, 3-6 and 2-5 (1.5 rounds to the even 2).
    expect(crops.map((crop) => corners(cropped(grid(10, 7), crop)))).toEqual([
      [0, 0, 3, 3],
      [6, 0, 9, 3],
      [0, 3, 3, 6],
      [6, 3, 9, 6],
      [3, 2, 6, 5],
      [9, 0, 6, 3],
      [3, 0, 0, 3],
      [9, 3, 6, 6],
      [3, 3, 0, 6],
      [6, 2, 3, 5],
    ]);
  });

  it('take the middle where halves round to the even pixel', () => {
    expect([3, 5, 7, 9].map((width) => cropOrigin({ width, height: 2 }, 2, 'center').x)).toEqual([0, 2, 2, 4]);
  });

  it('resize to 256 for 224 and leave small images as they are, unless told otherwise', () => {
    const center = protocolSchema.parse({ kind: 'center' });
    expect(testCropsOf(center, 224)).toEqual([
      { shorterSide: 256, flip: false, crop: { position: 'center', side: 224 } },
    ]);
    expect(testCropsOf(center, 32)[0]?.shorterSide).toBe(32);
    const image = grid(32, 32);
    expect(cropped(image, centerTestCrop(32)).pixels).toEqual(image.pixels);
    expect(centerTestCrop(224)).toEqual(testCropsOf(center, 224)[0]);
    expect(testCropsOf(protocolSchema.parse({ kind: 'center', flip: true }), 32).map(({ flip }) => flip)).toEqual([
      false,
      true,
    ]);
  });

  it('are whole images at every size for multi-scale', () => {
    const crops = testCropsOf(protocolSchema.parse({ kind: 'multi-scale' }), 224);
    expect(crops.map(({ shorterSide, crop }) => [shorterSide, crop])).toEqual(
      [224, 256, 384, 480, 640].map((side) => [side, null]),
    );
    const small = testCropsOf(protocolSchema.parse({ kind: 'multi-scale' }), 32);
    expect(small.map(({ shorterSide }) => shorterSide)).toEqual([32, 37, 55, 69, 91]);
    const given = testCropsOf(protocolSchema.parse({ kind: 'multi-scale', shorterSides: [40, 50] }), 32);
    expect(given.map(({ shorterSide }) => shorterSide)).toEqual([40, 50]);
    expect(resizedSize({ width: 500, height: 375 }, 256)).toEqual({ width: 341, height: 256 });
    expect(resizedSize({ width: 375, height: 500 }, 256)).toEqual({ width: 256, height: 341 });
    const mirrored = cropped(grid(3, 1), { shorterSide: 1, crop: null, flip: true });
    expect([mirrored.pixels[0], mirrored.pixels[3], mirrored.pixels[6]]).toEqual([2, 1, 0]);
  });
});

describe('a protocol', () => {
  it('refuses a crop that does not fit and names fields that mean nothing', () => {
    expect(protocolSchema.safeParse({ kind: 'center', resize: 64, crop: 65 }).success).toBe(false);
    expect(protocolSchema.safeParse({ kind: 'multi-scale', crop: 64 }).success).toBe(false);
    expect(protocolSchema.safeParse({ kind: 'ten-crop', flip: true }).success).toBe(false);
  });
});
