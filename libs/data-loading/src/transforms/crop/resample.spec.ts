import { describe, expect, it } from '@jest/globals';
import type { Cut } from './cut.js';
import { planCut } from './cut.js';
import { resampleByKernel } from './resample-kernel.js';
import { resamplePlainly } from './resample-plainly.js';
import { tapsOf } from './taps.js';

const noise = (width: number, height: number) => ({
  width,
  height,
  pixels: Uint8Array.from({ length: width * height * 3 }, (_, at) => (at % 7 === 0 ? 255 : (at * 7919) % 256)),
});

describe('resampling', () => {
  it.each([
    [300, 280, 224, 224],
    [40, 40, 32, 32],
    [50, 37, 50, 60],
    [31, 64, 32, 64],
    [3000, 20, 17, 9],
    [2, 900, 33, 24],
    [1, 1, 5, 3],
    [1300, 900, 31, 256],
  ])('of %i x %i to %i x %i gives the same bytes by the kernel and plainly', (fromWidth, fromHeight, width, height) => {
    const image = noise(fromWidth, fromHeight);
    const columns = { ...tapsOf({ from: fromWidth, to: width, first: 0, count: width }), offset: 0 };
    const rows = { ...tapsOf({ from: fromHeight, to: height, first: 0, count: height }), offset: 0 };
    const resampling = { columns, rows, size: { width, height } };
    const [byKernel, plainly] = [new Uint8Array(width * height * 3), new Uint8Array(width * height * 3)];
    expect(resampleByKernel(image, resampling, byKernel)).toBe(true);
    resamplePlainly(image, resampling, plainly);
    expect(Buffer.compare(byKernel, plainly)).toBe(0);
  });

  it('leaves to JavaScript what takes more memory than the kernel may have', () => {
    const [width, height] = [4, 3_000_000];
    const columns = { ...tapsOf({ from: 2, to: width, first: 0, count: width }), offset: 0 };
    const rows = { ...tapsOf({ from: height, to: 4, first: 0, count: 4 }), offset: 0 };
    const source = { width: 2, height, pixels: new Uint8Array() };
    expect(resampleByKernel(source, { columns, rows, size: { width, height: 4 } }, new Uint8Array())).toBe(false);
  });

  it('of a part gives what resampling the whole and cutting gives, of the source that the part needs', () => {
    const image = noise(97, 131);
    const cut = (part: Cut['part']): Cut => ({
      window: { x: 3, y: 5, width: 90, height: 120 },
      resized: { width: 41, height: 55 },
      part,
    });
    const whole = planCut(cut({ x: 0, y: 0, width: 41, height: 55 })).carryOut({ x: 0, y: 0, ...image });
    const part = { x: 7, y: 20, width: 24, height: 31 };
    const { source } = planCut(cut(part));
    expect(source.width).toBeLessThan(60);
    const pixels = new Uint8Array(source.width * source.height * 3);
    for (let row = 0; row < source.height; row += 1) {
      const from = ((source.y + row) * image.width + source.x) * 3;
      pixels.set(image.pixels.subarray(from, from + source.width * 3), row * source.width * 3);
    }
    const seen = planCut(cut(part)).carryOut({ ...source, pixels });
    for (let row = 0; row < part.height; row += 1) {
      const from = ((part.y + row) * 41 + part.x) * 3;
      const wanted = whole.pixels.subarray(from, from + part.width * 3);
      expect([...seen.pixels.subarray(row * part.width * 3, (row + 1) * part.width * 3)]).toEqual([...wanted]);
    }
  });

  it.each([
    ['resized', { width: 41, height: 55 }],
    ['as it is', { width: 90, height: 120 }],
  ])('mirrors what is %s, left and right, as it would be mirrored afterwards', (_, resized) => {
    const region = { x: 0, y: 0, ...noise(97, 131) };
    const part = { x: 7, y: 20, width: 24, height: 31 };
    const cut: Cut = { window: { x: 3, y: 5, width: 90, height: 120 }, resized, part };
    const plain = planCut(cut).carryOut(region);
    const target = new Uint8Array(24 * 31 * 3);
    const mirrored = planCut({ ...cut, flip: true }).carryOut(region, target);
    expect(mirrored.pixels).toBe(target);
    for (let row = 0; row < 31; row += 1) {
      for (let column = 0; column < 24; column += 1) {
        const pixel = (image: Uint8Array, at: number): number[] => [
          ...image.subarray((row * 24 + at) * 3, (row * 24 + at) * 3 + 3),
        ];
        expect(pixel(target, column)).toEqual(pixel(plain.pixels, 23 - column));
      }
    }
  });
});
