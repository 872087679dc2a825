import { beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { join } from 'node:path';
import { testFolder, testImage } from '../testing/test-folder.js';
import { parseImageHeader } from './image-header.js';
import { inspectFile } from './inspect-file.js';
import { inspectBytes } from './inspect-image.js';

const concat = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

describe('inspectBytes', () => {
  let jpeg: Uint8Array;
  let png: Uint8Array;
  beforeAll(async () => {
    jpeg = await testImage('jpeg', 100, 31, 17);
    png = await testImage('png', 100, 31, 17);
  });

  it('reads format and size of JPEG and PNG', () => {
    expect(inspectBytes(jpeg)).toMatchObject({
      kind: 'image',
      header: { format: 'jpeg', width: 31, height: 17, numComponents: 3 },
    });
    expect(inspectBytes(png)).toMatchObject({
      kind: 'image',
      header: { format: 'png', width: 31, height: 17, numComponents: 3 },
    });
  });

  it('takes progressive, grey and CMYK JPEG', async () => {
    const image = sharp(jpeg);
    const progressive = await image.clone().jpeg({ progressive: true }).toBuffer();
    const grey = await image.clone().toColourspace('b-w').jpeg().toBuffer();
    const cmyk = await image.clone().toColourspace('cmyk').jpeg().toBuffer();
    expect(inspectBytes(progressive)).toMatchObject({ kind: 'image', header: { numComponents: 3 } });
    expect(inspectBytes(grey)).toMatchObject({ kind: 'image', header: { numComponents: 1 } });
    expect(inspectBytes(cmyk)).toMatchObject({ kind: 'image', header: { numComponents: 4 } });
  });

  it('allows padding after the end of the image', () => {
    for (const image of [jpeg, png]) {
      expect(inspectBytes(concat(image, new Uint8Array(1000))).kind).toBe('image');
      expect(inspectBytes(concat(image, new Uint8Array(5000))).kind).toBe('image');
      expect(inspectBytes(image.subarray(0, -2)).kind).toBe('fault');
    }
  });

  it('finds the end of a file’s image however much follows it, and finds none in one cut short', async () => {
    await using folder = await testFolder();
    const piece = 1024 * 1024;
    for (const [name, image] of [
      ['a.jpg', jpeg],
      ['a.png', png],
    ] as const) {
      const file = join(folder.path, name);
      // The mark lies in one of the pieces in which the file is read, or across the border of two.
      for (const length of [4095, 4096, 5000, 4096 + piece - 1, 4096 + piece, 4096 + 2 * piece - 3]) {
        const behind = new Uint8Array(length).fill(7);
        await folder.write(name, concat(image, behind));
        expect(await inspectFile(file)).toMatchObject({ kind: 'image', header: { width: 31 } });
      }
      await folder.write(name, concat(image.subarray(0, -2), new Uint8Array(2 * piece).fill(7)));
      expect(await inspectFile(file)).toMatchObject({ kind: 'fault', reason: expect.stringContaining('cut short') });
    }
  });

  it('passes over what lies between segments and over wrong lengths, as libjpeg does', () => {
    const comment = [0xff, 0xfe, 0, 5, 1, 2, 3, 4, 5, 6, 7, 8];
    for (const added of [[1, 2, 3], [0xff, 0, 9], [0xff, 0xff, 0xff], comment, comment.toSpliced(2, 2, 0, 0)]) {
      const odd = concat(jpeg.subarray(0, 20), Uint8Array.from(added), jpeg.subarray(20));
      expect(inspectBytes(odd)).toMatchObject({ kind: 'image', header: { width: 31, height: 17 } });
    }
  });

  it('reads orientation and the presence of a colour profile', async () => {
    for (const format of ['jpeg', 'png'] as const) {
      const image = sharp(jpeg).toFormat(format);
      const turned = await image.clone().withMetadata({ orientation: 6 }).toBuffer();
      const profiled = await image.clone().withIccProfile('p3').toBuffer();
      const headers = [await image.toBuffer(), turned, profiled].map((bytes) => parseImageHeader(bytes));
      expect(headers).toMatchObject([
        { header: { orientation: 1, hasProfile: false } },
        { header: { orientation: 6 } },
        { header: { orientation: 1, hasProfile: true } },
      ]);
    }
  });

  it('refuses a PNG whose header has a wrong checksum', () => {
    const damaged = png.slice();
    damaged[30] = (damaged[30] ?? 0) ^ 1;
    expect(inspectBytes(damaged)).toMatchObject({ reason: expect.stringContaining('IHDR') });
  });

  it('names what is wrong with other files', () => {
    expect(inspectBytes(new Uint8Array())).toMatchObject({ kind: 'fault', reason: 'the file is empty' });
    expect(inspectBytes(Buffer.from('8BPS............'))).toMatchObject({
      reason: expect.stringContaining('Photoshop'),
    });
    expect(inspectBytes(Buffer.from('<html></html>'))).toMatchObject({ reason: expect.stringContaining('HTML') });
    expect(inspectBytes(Uint8Array.of(0xff, 0xd8))).toMatchObject({ reason: expect.stringContaining('cut short') });
  });

  it('finds a file cut short at any length', () => {
    for (const image of [jpeg, png]) {
      for (let length = 0; length < image.length - 2; length += 7) {
        expect(inspectBytes(image.subarray(0, length)).kind).toBe('fault');
      }
    }
  });

  it('does not take the end of an embedded thumbnail for the end of the image', () => {
    const thumbnail = concat(Uint8Array.of(0xff, 0xe1, 0x00, 0x08), Uint8Array.of(0xff, 0xd8, 0x00, 0x00, 0xff, 0xd9));
    const withThumbnail = concat(jpeg.subarray(0, 2), thumbnail, jpeg.subarray(2));
    expect(inspectBytes(withThumbnail).kind).toBe('image');
    expect(inspectBytes(withThumbnail.subarray(0, -10)).kind).toBe('fault');
  });

  it('asks for more bytes where the frame header lies behind a long segment', () => {
    const segment = new Uint8Array(2 + 40_000);
    segment.set([0xff, 0xe2, 40_000 >> 8, 40_000 & 0xff]);
    const image = concat(jpeg.subarray(0, 2), segment, jpeg.subarray(2));
    expect(parseImageHeader(image.subarray(0, 4096))).toMatchObject({ kind: 'incomplete' });
    expect(inspectBytes(image)).toMatchObject({ kind: 'image', header: { width: 31 } });
  });

  it('refuses frames no decoder takes', () => {
    const at = jpeg.findIndex((byte, index) => byte === 0xff && jpeg[index + 1] === 0xc0);
    const altered = (offset: number, value: number): Uint8Array => {
      const copy = jpeg.slice();
      copy[at + offset] = value;
      return copy;
    };
    expect(inspectBytes(altered(1, 0xc3))).toMatchObject({ reason: expect.stringContaining('SOF3') });
    expect(inspectBytes(altered(4, 12))).toMatchObject({ reason: expect.stringContaining('12 bits') });
    expect(inspectBytes(altered(6, 0))).toMatchObject({ reason: expect.stringContaining('31x0') });
    expect(inspectBytes(altered(9, 2))).toMatchObject({ reason: expect.stringContaining('2 components') });
  });

  it('never reads past the bytes it is given', () => {
    for (const image of [jpeg, png]) {
      for (let length = 4; length < Math.min(image.length, 700); length += 1) {
        expect(['header', 'incomplete']).toContain(parseImageHeader(image.subarray(0, length)).kind);
      }
    }
  });
});
