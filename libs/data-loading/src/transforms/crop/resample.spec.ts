import { describe, expect, it } from '@jest/globals';
import type { Cut } from './cut.js';
import { carryOut, sourceOf } from './cut.js';
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
    const byKernel = resampleByKernel(image, resampling);
    expect(Buffer.compare(byKernel?.pixels ?? new Uint8Array(), resamplePlainly(image, resampling).pixels)).toBe(0);
  });

  it('leaves to JavaScript what takes more memory than the kernel may have', () => {
    const [width, height] = [4, 3_000_000];
    const columns = { ...tapsOf({ from: 2, to: width, first: 0, count: width }), offset: 0 };
    const rows = { ...tapsOf({ from: height, to: 4, first: 0, count: 4 }), offset: 0 };
    expect(
      resampleByKernel({ width: 2, height, pixels: new Uint8Array() }, { columns, rows, size: { width, height: 4 } }),
    ).toBeNull();
  });

  it('of a part gives what resampling the whole and cutting gives, of the source that the part needs', () => {
    const image = noise(97, 131);
    const cut = (part: Cut['part']): Cut => ({
      window: { x: 3, y: 5, width: 90, height: 120 },
      resized: { width: 41, height: 55 },
      part,
    });
    const whole = carryOut(cut({ x: 0, y: 0, width: 41, height: 55 }), { x: 0, y: 0, ...image });
    const part = { x: 7, y: 20, width: 24, height: 31 };
    const source = sourceOf(cut(part));
    expect(source.width).toBeLessThan(60);
    const pixels = new Uint8Array(source.width * source.height * 3);
    for (let row = 0; row < source.height; row += 1) {
      const from = ((source.y + row) * image.width + source.x) * 3;
      pixels.set(image.pixels.subarray(from, from + source.width * 3), row * source.width * 3);
    }
    const seen = carryOut(cut(part), { ...source, pixels });
    for (let row = 0; row < part.height; row += 1) {
      const from = ((part.y + row) * 41 + part.x) * 3;
      const wanted = whole.pixels.subarray(from, from + part.width * 3);
      expect([...seen.pixels.subarray(row * part.width * 3, (row + 1) * part.width * 3)]).toEqual([...wanted]);
    }
  });
});
