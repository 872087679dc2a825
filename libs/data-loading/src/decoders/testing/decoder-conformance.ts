import { beforeAll, describe, expect, it } from '@jest/globals';
import sharp, { type Sharp } from 'sharp';
import { inspectBytes, parseImageHeader } from '#dataset';
import { pillowImages } from '#dataset/testing';
import { openImage, cutOf } from '../../open-image.js';
import { windowOf, type Window } from '../../pixel-image.js';
import { resizedWindow } from '../../transforms/crop/cut.js';
import type { ImageDecoder } from '../image-decoder.js';
import { oddImages } from './odd-images.js';

interface Rgb {
  readonly r: number;
  readonly g: number;
  readonly b: number;
}

const flat = (width: number, height: number, background: Rgb): Sharp =>
  sharp({ create: { width, height, channels: 3, background } });
const bytesOf = async (image: Sharp): Promise<Uint8Array> => new Uint8Array(await image.toBuffer());

const RED = { r: 220, g: 30, b: 40 };
const BLUE = { r: 20, g: 60, b: 200 };

/** What every ImageDecoder promises, whatever it decodes with. */
export function decoderConformance(name: string, make: () => Promise<ImageDecoder>): void {
  describe(`${name} as an ImageDecoder`, () => {
    let decoder: ImageDecoder;
    beforeAll(async () => {
      decoder = await make();
    });

    /** Decodes the whole image, or a window of it, and makes a square of it. */
    async function decode(bytes: Uint8Array, imageSize = 16, window?: Window): Promise<Uint8Array> {
      const image = openImage(bytes, { encoding: { kind: 'file' }, decoder, orientation: 'as-stored' });
      const whole = { x: 0, y: 0, width: image.width, height: image.height };
      const cut = resizedWindow(window ?? whole, { width: imageSize, height: imageSize });
      return (await cutOf(image, cut)).pixels;
    }

    /** All of an image as it is. */
    async function decodeWhole(bytes: Uint8Array) {
      const parsed = parseImageHeader(bytes);
      if (parsed.kind !== 'header') throw new Error(`not an image: ${parsed.kind}`);
      const { header } = parsed;
      return decoder.decodeWindow({ bytes, header }, { x: 0, y: 0, width: header.width, height: header.height });
    }

    /** Largest difference of any pixel from a colour. */
    function distance(pixels: Uint8Array, { r, g, b }: Rgb): number {
      return pixels.reduce((worst, value, at) => Math.max(worst, Math.abs(value - ([r, g, b][at % 3] ?? 0))), 0);
    }

    it.each([
      ['JPEG', flat(40, 30, RED).jpeg({ quality: 95 })],
      ['progressive JPEG', flat(40, 30, RED).jpeg({ quality: 95, progressive: true })],
      ['PNG', flat(40, 30, RED).png()],
      ['PNG with alpha', flat(40, 30, RED).ensureAlpha(1).png()],
      ['palette PNG', flat(40, 30, RED).png({ palette: true })],
      ['PNG of 16 bits', flat(40, 30, RED).toColourspace('rgb16').png()],
    ])('decodes %s to RGB', async (_, image) => {
      const pixels = await decode(await bytesOf(image));
      expect(pixels).toHaveLength(16 * 16 * 3);
      expect(distance(pixels, RED)).toBeLessThanOrEqual(6);
    });

    it('spreads grey over three channels', async () => {
      for (const format of ['jpeg', 'png'] as const) {
        const grey = flat(20, 20, { r: 90, g: 90, b: 90 }).toColourspace('b-w').toFormat(format);
        expect(distance(await decode(await bytesOf(grey)), { r: 90, g: 90, b: 90 })).toBeLessThanOrEqual(4);
      }
    });

    it('takes CMYK JPEG: light stays light and dark stays dark', async () => {
      const light = flat(20, 20, { r: 240, g: 240, b: 240 }).toColourspace('cmyk').jpeg();
      const dark = flat(20, 20, { r: 15, g: 15, b: 15 }).toColourspace('cmyk').jpeg();
      expect(Math.min(...(await decode(await bytesOf(light))))).toBeGreaterThan(200);
      expect(Math.max(...(await decode(await bytesOf(dark))))).toBeLessThan(90);
    });

    it('gives of a window what the whole image shows there', async () => {
      for (const { name: file, bytes, isReadable } of await oddImages()) {
        if (!isReadable) continue;
        const whole = await decodeWhole(bytes);
        const parsed = parseImageHeader(bytes);
        if (parsed.kind !== 'header') throw new Error(`not an image: ${parsed.kind}`);
        for (const [x, y] of [
          [0, 0],
          [1, 7],
          [16, 16],
          [17, 3],
        ] as const) {
          const width = Math.min(16, whole.width - x);
          const height = Math.min(17, whole.height - y);
          if (width < 1 || height < 1) continue;
          const window = { x, y, width, height };
          const region = await decoder.decodeWindow({ bytes, header: parsed.header }, window);
          const seen = windowOf(region, { ...window, x: x - region.x, y: y - region.y });
          expect([file, x, y, Buffer.compare(seen.pixels, windowOf(whole, window).pixels)]).toEqual([file, x, y, 0]);
        }
      }
    });

    it('cuts the window out and nothing else', async () => {
      const right = await bytesOf(flat(32, 48, BLUE).png());
      for (const format of ['jpeg', 'png'] as const) {
        const both = flat(64, 48, RED).composite([{ input: Buffer.from(right), left: 32, top: 0 }]);
        const bytes = await bytesOf(both.toFormat(format));
        expect(distance(await decode(bytes, 16, { x: 2, y: 3, width: 24, height: 30 }), RED)).toBeLessThanOrEqual(8);
        expect(distance(await decode(bytes, 16, { x: 40, y: 10, width: 24, height: 38 }), BLUE)).toBeLessThanOrEqual(8);
      }
    });

    it('takes a window as it is where it has the output’s size', async () => {
      const pixels = Uint8Array.from({ length: 8 * 8 * 3 }, (_, at) => (at * 37) % 256);
      const bytes = await bytesOf(sharp(pixels, { raw: { width: 8, height: 8, channels: 3 } }).png());
      expect(Buffer.compare(await decode(bytes, 8), pixels)).toBe(0);
    });

    it('takes one pixel, very wide and very high images and odd sizes', async () => {
      for (const [width, height] of [
        [1, 1],
        [2000, 3],
        [3, 2000],
      ] as const) {
        for (const imageSize of [16, 17]) {
          const pixels = await decode(await bytesOf(flat(width, height, BLUE).png()), imageSize);
          expect(pixels).toHaveLength(imageSize * imageSize * 3);
          expect(distance(pixels, BLUE)).toBeLessThanOrEqual(2);
          expect(
            distance(await decode(await bytesOf(flat(width, height, BLUE).jpeg()), imageSize), BLUE),
          ).toBeLessThanOrEqual(8);
        }
      }
    });

    it('averages where it reduces a lot, instead of picking pixels', async () => {
      const size = 320;
      const checks = new Uint8Array(size * size * 3);
      for (let at = 0; at < size * size; at += 1)
        checks.fill(((at % size) + Math.floor(at / size)) % 2 === 0 ? 255 : 0, at * 3, at * 3 + 3);
      const image = sharp(checks, { raw: { width: size, height: size, channels: 3 } });
      for (const bytes of [await bytesOf(image.clone().png()), await bytesOf(image.clone().jpeg({ quality: 95 }))]) {
        expect(distance(await decode(bytes, 16), { r: 127, g: 127, b: 127 })).toBeLessThanOrEqual(12);
      }
    });

    it('does not turn an image by its EXIF orientation', async () => {
      const bytes = await bytesOf(flat(40, 20, RED).jpeg().withMetadata({ orientation: 6 }));
      const window = { x: 20, y: 0, width: 20, height: 20 };
      expect(distance(await decode(bytes, 16, window), RED)).toBeLessThanOrEqual(6);
    });

    it('gives the same bits each time, alone or among others', async () => {
      const noise = Uint8Array.from({ length: 60 * 50 * 3 }, (_, at) => (at * 7919 + ((at * at) % 251)) % 256);
      const bytes = await bytesOf(sharp(noise, { raw: { width: 60, height: 50, channels: 3 } }).jpeg());
      const first = await decode(bytes);
      const again = await Promise.all(Array.from({ length: 8 }, () => decode(bytes)));
      for (const pixels of again) expect(Buffer.compare(pixels, first)).toBe(0);
    });

    it.each(pillowImages)('shows of $name what Pillow shows', async (pillow) => {
      const { width, height, within } = pillow;
      const image = openImage(pillow.bytes, { encoding: { kind: 'file' }, decoder, orientation: 'upright' });
      expect([image.width, image.height]).toEqual([width, height]);
      const region = await image.region({ x: 0, y: 0, width, height });
      expect([within, pillow.isShown(windowOf(region, { x: 0, y: 0, width, height }).pixels)]).toEqual([within, true]);
    });

    it('notices what is damaged in the middle of a file that has checks of its own', async () => {
      for (const file of ['adobe_deflate.tiff', 'lossless.webp', '444.avif', 'group4.tiff']) {
        const bytes = pillowImages.find((image) => image.name === file)?.bytes.slice() ?? new Uint8Array();
        await expect(decodeWhole(bytes)).resolves.toBeDefined();
        const middle = file.endsWith('avif') ? bytes.length - 60 : file.endsWith('webp') ? 40 : 60;
        await expect(decodeWhole(bytes.fill(0x55, middle, middle + 40))).rejects.toThrow();
      }
    });

    it('takes of odd files those that Pillow takes, once they are inspected', async () => {
      const found: Record<string, boolean> = {};
      const wanted: Record<string, boolean> = {};
      for (const { name: file, bytes, isReadable } of await oddImages()) {
        wanted[file] = isReadable;
        const isImage = inspectBytes(bytes).kind === 'image';
        found[file] =
          isImage &&
          (await decodeWhole(bytes).then(
            () => true,
            () => false,
          ));
      }
      expect(found).toEqual(wanted);
    });

    it('throws for images cut short or damaged', async () => {
      const noise = Uint8Array.from({ length: 64 * 64 * 3 }, (_, at) => (at * 7919) % 256);
      const image = sharp(noise, { raw: { width: 64, height: 64, channels: 3 } });
      for (const format of ['jpeg', 'png'] as const) {
        const bytes = await bytesOf(image.clone().toFormat(format));
        await expect(decode(bytes.subarray(0, bytes.length >> 1))).rejects.toThrow();
      }
      const jpeg = await bytesOf(image.clone().jpeg());
      const tables = jpeg.findIndex((byte, at) => byte === 0xff && jpeg[at + 1] === 0xc4);
      await expect(decode(jpeg.slice().fill(0x55, tables + 4, tables + 60))).rejects.toThrow();
      const png = await bytesOf(image.clone().png());
      await expect(decode(png.slice().fill(0x55, 60, 400))).rejects.toThrow();
    });
  });
}
