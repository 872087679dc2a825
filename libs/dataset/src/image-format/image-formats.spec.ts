import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pillowImages, refusedImages } from '../testing/pillow-images.js';
import { testFolder, testImage } from '../testing/test-folder.js';
import { otherKindOf } from './image-formats.js';
import { inspectFile } from './inspect-file.js';
import { inspectBytes } from './inspect-image.js';

const animated = ['animated.webp', 'animated.gif', 'pages.tiff'];
const bytesOf = (name: string): Uint8Array => {
  const found = pillowImages.find((image) => image.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found.bytes;
};

describe('an image of another format', () => {
  it.each(pillowImages)('has its size, turn and format: $name', ({ name, bytes, width, height }) => {
    const inspection = inspectBytes(bytes);
    if (inspection.kind !== 'image') throw new Error(inspection.reason);
    const { header } = inspection;
    expect(header.format).toBe(name.replace(/.*\./, ''));
    const orientation = Number(/orientation-(\d)/.exec(name)?.[1] ?? 1);
    expect(header.orientation).toBe(orientation);
    expect(header.hasProfile).toBe(name.startsWith('profile.'));
    const shown = orientation > 4 ? [header.height, header.width] : [header.width, header.height];
    expect(shown).toEqual([width, height]);
  });

  it('says of alpha, grey and CMYK', () => {
    const components = (name: string): unknown => {
      const inspection = inspectBytes(bytesOf(name));
      return inspection.kind === 'image' && [inspection.header.numComponents, inspection.header.isCmyk];
    };
    expect(['alpha.webp', 'transparent.gif', 'bgra-v5.bmp', 'mode-RGBA.tiff', 'alpha.avif'].map(components)).toEqual(
      Array.from({ length: 5 }, () => [4, false]),
    );
    expect(['mode-L.tiff', 'gray.avif'].map(components)).toEqual([
      [1, false],
      [1, false],
    ]);
    expect(components('mode-LA.tiff')).toEqual([2, false]);
    expect(components('mode-CMYK.tiff')).toEqual([4, true]);
  });

  it.each(refusedImages)('is refused by name where it is not read: $name', ({ bytes, reason }) => {
    expect(inspectBytes(bytes)).toMatchObject({ kind: 'fault', reason: expect.stringContaining(reason) });
  });

  it('is found cut short at any length, in memory and in a file alike', async () => {
    await using folder = await testFolder();
    const path = join(folder.path, 'image');
    for (const { name, bytes } of pillowImages) {
      // Runs tell of their end when they are decoded; frames and pages behind the first are of no concern.
      if (name.startsWith('rle') || animated.includes(name)) continue;
      const taken = Array.from({ length: bytes.length - 4 }, (_, length) => length).filter(
        (length) => inspectBytes(bytes.subarray(0, length)).kind === 'image',
      );
      expect([name, taken]).toEqual([name, []]);
    }
    for (const name of ['orientation-6.webp', 'plain.gif', 'rgb.bmp', 'lzw.tiff', 'alpha.avif']) {
      // Larger than what is read at once, so that ranges of the file are read.
      const bytes = bytesOf(name);
      const long = Buffer.concat([bytes, Buffer.alloc(6000)]);
      await folder.write('image', long);
      expect(await inspectFile(path)).toMatchObject({ kind: 'image' });
    }
  });

  it('is read where its directory, its frame or its EXIF lie far behind', async () => {
    await using folder = await testFolder();
    const sharp = (await import('sharp')).default;
    let state = 5;
    const noise = Uint8Array.from({ length: 200 * 150 * 3 }, () => (state = (state * 16_807) % 2_147_483_647) % 256);
    const image = sharp(noise, { raw: { width: 200, height: 150, channels: 3 } });
    const turned = image.clone().withMetadata({ orientation: 6 });
    const files = {
      tiff: await turned.clone().tiff({ compression: 'lzw' }).toBuffer(),
      webp: await turned.clone().webp({ lossless: true }).toBuffer(),
      gif: await image.clone().gif().toBuffer(),
    };
    for (const [name, bytes] of Object.entries(files)) {
      await folder.write(name, bytes);
      expect(bytes.length).toBeGreaterThan(10_000);
      const inspection = await inspectFile(join(folder.path, name));
      expect(inspection).toEqual({ ...inspectBytes(bytes), sizeBytes: bytes.length, version: expect.any(String) });
      expect(inspection).toMatchObject({ header: { width: 200, orientation: name === 'gif' ? 1 : 6 } });
      await folder.write(name, bytes.subarray(0, bytes.length >> 1));
      expect(await inspectFile(join(folder.path, name))).toMatchObject({ kind: 'fault' });
    }
  });

  it('ends in a fault or an image, whatever its bytes are', () => {
    let state = 7;
    for (const { bytes } of pillowImages) {
      for (let round = 0; round < 60; round += 1) {
        const odd = bytes.slice();
        for (let change = 0; change < 4; change += 1) {
          state = (state * 16_807) % 2_147_483_647;
          odd[state % Math.min(odd.length, 400)] = state % 256;
        }
        expect(['image', 'fault']).toContain(inspectBytes(odd).kind);
      }
    }
  });
});

describe('a file that is no image of ours', () => {
  it('is told by what it looks like', () => {
    const ftyp = (brand: string): Uint8Array => Buffer.from(`\0\0\0\x18ftyp${brand}\0\0\0\0mif1miaf`, 'latin1');
    expect([ftyp('heic'), ftyp('avis'), ftyp('isom')].map(otherKindOf)).toEqual(['HEIC', 'an AVIF sequence', 'HEIC']);
    expect(otherKindOf(Buffer.from('\0\0\0\x10ftypqt  \0\0\0\0', 'latin1'))).toBe('a video (MP4, MOV)');
    expect(otherKindOf(Buffer.from('II*\0\x10\0\0\0CR\x02\0', 'latin1'))).toBe('a raw file of a camera');
    expect(otherKindOf(Buffer.from('BM is a text, too'))).toBe('text');
    expect(inspectBytes(Buffer.from('BM is a text, too'))).toMatchObject({ kind: 'fault' });
  });

  it('is not waited for where it is a pipe', async () => {
    await using folder = await testFolder();
    execFileSync('mkfifo', [join(folder.path, 'pipe.jpg')]);
    expect(await inspectFile(join(folder.path, 'pipe.jpg'))).toEqual({ kind: 'fault', reason: 'not a regular file' });
    await folder.write('real.jpg', await testImage('jpeg'));
    expect(await inspectFile(join(folder.path, 'real.jpg'))).toMatchObject({ kind: 'image' });
  });
});
