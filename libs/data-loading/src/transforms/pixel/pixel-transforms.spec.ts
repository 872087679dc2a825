import { describe, expect, it } from '@jest/globals';
import { PADDING_RGB } from '../crop/crop-parameters.js';
import { transformPixels, pixelTransformFor, type PixelTransformOptions } from './pixel-transforms.js';

const request = (sample: number, imageSize = 32) => ({ seed: 3, epoch: 1, sample, imageSize });
const transforms = (options: PixelTransformOptions, count: number) =>
  Array.from({ length: count }, (_, sample) => pixelTransformFor(options, request(sample)));

describe('the transforms of pixels', () => {
  it('does nothing where nothing is asked for', () => {
    expect(pixelTransformFor({}, request(1))).toEqual({ shift: null, erased: null });
  });

  it('is a function of seed, epoch and sample', () => {
    const options = { pcaColour: { deviation: 0.1 }, randomErasing: { probability: 1 } };
    const drawn = pixelTransformFor(options, request(5));
    expect(pixelTransformFor(options, request(5))).toEqual(drawn);
    for (const other of [{ seed: 4 }, { epoch: 2 }, { sample: 6 }]) {
      const moved = pixelTransformFor(options, { ...request(5), ...other });
      expect([moved.shift, moved.erased]).not.toContainEqual(drawn.shift);
      expect(moved.erased).not.toEqual(drawn.erased);
    }
    // One does not move the other.
    expect(pixelTransformFor({ randomErasing: { probability: 1 } }, request(5)).erased).toEqual(drawn.erased);
  });

  it('shifts colours with the covariance of ImageNet’s pixels', () => {
    const shifts = transforms({ pcaColour: { deviation: 0.1 } }, 20_000).map(({ shift }) => shift ?? [0, 0, 0]);
    // 255 x 0.1 x sqrt(sum of (eigenvector x eigenvalue)^2), by hand for red; red and green move together.
    const deviation = Math.sqrt(shifts.reduce((sum, [red]) => sum + red * red, 0) / shifts.length);
    const expected = 25.5 * Math.hypot(0.5675 * 0.2175, 0.7192 * 0.0188, 0.4009 * 0.0045);
    expect(Math.abs(deviation / expected - 1)).toBeLessThan(0.03);
    expect(shifts.filter(([red, green]) => red * green > 0).length / shifts.length).toBeGreaterThan(0.9);
  });

  it('erases as often as asked, areas and ratios within bounds, inside the image', () => {
    const boxes = transforms({ randomErasing: { probability: 0.25 } }, 8_000).flatMap(({ erased }) => erased ?? []);
    expect(Math.abs(boxes.length / 8_000 - 0.25)).toBeLessThan(0.02);
    for (const { x, y, width, height } of boxes) {
      expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
      expect(Math.max(x + width, y + height)).toBeLessThanOrEqual(32);
      const share = (width * height) / 1024;
      expect(share > 0.012 && share < 0.36).toBe(true);
    }
  });

  it('adds the shift to every pixel, kept within a byte, then paints the box', () => {
    const pixels = Uint8Array.from({ length: 4 * 4 * 3 }, (_, at) => [10, 250, 100][at % 3] ?? 0);
    transformPixels(pixels, { shift: [-20, 20, 2.4], erased: { x: 1, y: 2, width: 2, height: 1 } }, 4);
    const colours = Array.from({ length: 16 }, (_, at) => Array.from(pixels.subarray(3 * at, 3 * at + 3)));
    colours.forEach((colour, at) => expect(colour).toEqual([9, 10].includes(at) ? PADDING_RGB : [0, 255, 102]));
  });
});
