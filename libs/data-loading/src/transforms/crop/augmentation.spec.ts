import { describe, expect, it } from '@jest/globals';
import { augmentationFor, defaultAugmentation, hasConstantCut, type AugmentationKind } from './augmentation.js';
import type { Size, Window } from '../../pixel-image.js';
import type { CropParameters } from './crop-parameters.js';
import { centerTestCrop, cutOfTestCrop } from './test-crops.js';

const KINDS: readonly AugmentationKind[] = ['none', 'pad-crop', 'resized-crop', 'scale-crop'];
const SIZES = [
  [1, 1],
  [32, 32],
  [500, 375],
  [375, 500],
  [3000, 20],
  [2, 900],
] as const;

function plans(
  kind: AugmentationKind,
  width: number,
  height: number,
  imageSize: number,
  count = 300,
): CropParameters[] {
  return Array.from({ length: count }, (_, sample) =>
    augmentationFor(kind, { seed: 3, epoch: 1, sample, width, height, imageSize }),
  );
}

function isInside({ x, y, width, height }: Window, image: Size): boolean {
  return (
    [x, y, width, height].every(Number.isInteger) &&
    Math.min(x, y) >= 0 &&
    Math.min(width, height) >= 1 &&
    x + width <= image.width &&
    y + height <= image.height
  );
}

describe('augmentationFor', () => {
  it.each(KINDS)('%s keeps its window inside the image, whatever its size', (kind) => {
    for (const [width, height] of SIZES) {
      const outside = plans(kind, width, height, 224, 200).filter(
        ({ cut: { window, resized, part }, shift }) =>
          !isInside(window, { width, height }) ||
          !isInside(part, resized) ||
          part.width !== 224 ||
          part.height !== 224 ||
          Math.max(Math.abs(shift.x), Math.abs(shift.y)) > 4,
      );
      expect(outside).toEqual([]);
    }
  });

  it.each(KINDS)('%s is a function of seed, epoch and sample', (kind) => {
    const request = { seed: 3, epoch: 1, sample: 5, width: 500, height: 375, imageSize: 224 };
    const plan = augmentationFor(kind, request);
    expect(augmentationFor(kind, request)).toEqual(plan);
    const others = [10, 11, 12, 13, 14, 15].flatMap((value) => [
      augmentationFor(kind, { ...request, seed: value }),
      augmentationFor(kind, { ...request, epoch: value }),
      augmentationFor(kind, { ...request, sample: value }),
    ]);
    const numDistinct = new Set(others.map((other) => JSON.stringify(other))).size;
    if (kind === 'none') expect(numDistinct).toBe(1);
    else expect(numDistinct).toBeGreaterThan(9);
  });

  it.each(KINDS)('%s cuts the same window in all epochs where it says so', (kind) => {
    const windows = plans(kind, 500, 375, 224).map(({ cut }) => JSON.stringify(cut));
    expect(new Set(windows).size === 1).toBe(hasConstantCut(kind));
  });

  it('sees with none what validation and predictions see', () => {
    for (const [width, height] of SIZES) {
      for (const imageSize of [32, 224]) {
        expect(plans('none', width, height, imageSize, 1)).toEqual([
          { cut: cutOfTestCrop({ width, height }, centerTestCrop(imageSize)), shift: { x: 0, y: 0 }, flip: false },
        ]);
      }
    }
  });

  it('pads by 4 and crops every offset about as often, mirroring half', () => {
    const all = plans('pad-crop', 32, 32, 32, 8100);
    for (let offset = -4; offset <= 4; offset += 1) {
      // 900 expected, standard deviation 28.
      expect(all.filter(({ shift }) => shift.x === offset).length).toBeGreaterThan(750);
      expect(all.filter(({ shift }) => shift.y === offset).length).toBeGreaterThan(750);
    }
    expect(all.filter(({ flip }) => flip).length / all.length).toBeCloseTo(0.5, 1);
  });

  it.each(['resized-crop', 'scale-crop'] as const)('mirrors half of the cuts of %s as they are made', (kind) => {
    const all = plans(kind, 500, 400, 224, 2000);
    expect(all.filter(({ cut }) => cut.flip).length / all.length).toBeCloseTo(0.5, 1);
    expect(all.some(({ flip, shift }) => flip || shift.x !== 0 || shift.y !== 0)).toBe(false);
  });

  it('takes areas and ratios of RandomResizedCrop', () => {
    const shares = plans('resized-crop', 1000, 1000, 224, 2000).map(
      ({ cut: { window } }) => (window.width * window.height) / 1e6,
    );
    const ratios = plans('resized-crop', 1000, 1000, 224, 2000).map(
      ({ cut: { window } }) => window.width / window.height,
    );
    expect(Math.min(...shares)).toBeGreaterThan(0.075);
    expect(Math.min(...shares)).toBeLessThan(0.1);
    expect(Math.max(...shares)).toBeGreaterThan(0.9);
    expect(Math.min(...ratios)).toBeGreaterThan(0.74);
    expect(Math.max(...ratios)).toBeLessThan(1.35);
  });

  it('takes scales of the paper: 224 of a shorter side of 256 to 480', () => {
    const sides = plans('scale-crop', 960, 480, 224, 2000).map(({ cut }) => cut.window.width);
    expect(Math.min(...sides)).toBe(Math.round((480 * 224) / 480));
    expect(Math.max(...sides)).toBe(Math.round((480 * 224) / 256));
  });

  it('is the paper’s for CIFAR nets by default and a random resized crop above', () => {
    expect(defaultAugmentation(32)).toBe('pad-crop');
    expect(defaultAugmentation(224)).toBe('resized-crop');
  });
});
