import { pillowImages, refusedImages } from '#dataset/testing';
import sharp, { type Sharp } from 'sharp';
import {
  afterFirstSegment,
  chunk,
  exif,
  joined,
  mappedPng,
  orientationTiff,
  segment,
  segmentsOf,
  withoutSegments,
} from './image-bytes.js';

/** A file that people have, and what is right for it. */
export interface OddImage {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Whether Pillow opens and loads it; false also for what is refused on purpose. */
  readonly isReadable: boolean;
}

/** A picture with structure in every direction. */
function picture(width: number, height: number): Sharp {
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width)];
    return [(x * 255) / width, (y * 255) / height, (x * y) % 256][at % 3] ?? 0;
  });
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

const bytesOf = async (image: Sharp): Promise<Uint8Array> => new Uint8Array(await image.toBuffer());

/** The files of the conformance suite, made anew each time, always the same. */
export async function oddImages(): Promise<readonly OddImage[]> {
  return [...(await oddJpegs()), ...(await oddPngs()), ...oddOthers()];
}

/** What Pillow shows, the same cut in half, and what is refused by name. */
function oddOthers(): readonly OddImage[] {
  return [
    ...pillowImages.map(({ name, bytes }) => ({ name, bytes, isReadable: true })),
    ...pillowImages
      .filter(({ name }) => /^(lossy|plain|rgb|rle8|lzw|adobe_deflate|444)\./.test(name))
      .map(({ name, bytes }) => ({
        name: `half-${name}`,
        bytes: bytes.subarray(0, bytes.length >> 1),
        isReadable: false,
      })),
    ...refusedImages.map(({ name, bytes }) => ({ name, bytes, isReadable: false })),
  ];
}

async function oddJpegs(): Promise<readonly OddImage[]> {
  const base = picture(75, 50);
  const plain = await bytesOf(base.clone().jpeg({ quality: 92 }));
  const cmyk = await bytesOf(base.clone().toColourspace('cmyk').jpeg());
  const profiled = await bytesOf(base.clone().withIccProfile('p3').jpeg({ quality: 92 }));
  const other = await bytesOf(picture(20, 30).jpeg());
  const tables = plain.findIndex((byte, at) => byte === 0xff && plain[at + 1] === 0xc4);
  const frame = plain.findIndex((byte, at) => byte === 0xff && plain[at + 1] === 0xc0);
  const altered = (at: number, value: number): Uint8Array => plain.slice().fill(value, at, at + 1);
  const video = Uint8Array.from({ length: 20_000 }, (_, at) => (at * 7919) % 251);
  const comment = Buffer.from('abcdefgh');
  const sound: Record<string, Uint8Array> = {
    'plain.jpg': plain,
    'full-chroma.jpg': await bytesOf(base.clone().jpeg({ chromaSubsampling: '4:4:4' })),
    'progressive.jpg': await bytesOf(base.clone().jpeg({ progressive: true })),
    'gray.jpg': await bytesOf(base.clone().toColourspace('b-w').jpeg()),
    'gray-with-profile.jpg': afterFirstSegment(
      await bytesOf(base.clone().toColourspace('b-w').jpeg()),
      ...segmentsOf(profiled, 0xe2),
    ),
    'cmyk.jpg': cmyk,
    'cmyk-without-adobe.jpg': withoutSegments(cmyk, 0xee),
    'profile.jpg': profiled,
    'profile-and-turned.jpg': afterFirstSegment(profiled, exif(6)),
    'one-pixel.jpg': await bytesOf(picture(1, 1).jpeg()),
    'wide-strip.jpg': await bytesOf(picture(3000, 2).jpeg()),
    'high-strip.jpg': await bytesOf(picture(3, 2000).jpeg()),
    'photo.jpg': await bytesOf(picture(500, 375).jpeg()),
    'video-behind.jpg': joined(plain, Buffer.from('ftypmp42'), video),
    'second-image-behind.jpg': joined(plain, new Uint8Array(9000), other),
    'zeros-behind.jpg': joined(plain, new Uint8Array(5000)),
    'junk-between-segments.jpg': afterFirstSegment(plain, Buffer.from('hello')),
    'fill-bytes.jpg': afterFirstSegment(plain, Uint8Array.of(0xff, 0xff, 0xff)),
    'stuffed-zero-between-segments.jpg': afterFirstSegment(plain, Uint8Array.of(0xff, 0, 7)),
    'comment-length-too-short.jpg': afterFirstSegment(plain, segment(0xfe, comment, 5)),
    'comment-length-zero.jpg': afterFirstSegment(plain, segment(0xfe, comment, 0)),
    'thumbnail.jpg': afterFirstSegment(plain, segment(0xe1, joined(Buffer.from('Exif\0\0', 'latin1'), other))),
    'damaged-exif.jpg': afterFirstSegment(plain, exif(6).fill(0xee, 12, 20)),
    'orientation-9.jpg': afterFirstSegment(plain, exif(9)),
  };
  for (let at = 2; at <= 8; at += 1) sound[`orientation-${at}.jpg`] = afterFirstSegment(plain, exif(at));
  const refused: Record<string, Uint8Array> = {
    'half.jpg': plain.subarray(0, plain.length >> 1),
    'no-end-mark.jpg': plain.subarray(0, -2),
    'second-beginning.jpg': joined(plain.subarray(0, 2), plain),
    'unknown-marker.jpg': afterFirstSegment(plain, segment(0xf3, comment)),
    'damaged-tables.jpg': plain.slice().fill(0x55, tables + 4, tables + 60),
    'lossless.jpg': altered(frame + 1, 0xc3),
    'twelve-bits.jpg': altered(frame + 4, 12),
    'frame-length.jpg': altered(frame + 3, 20),
  };
  return named(sound, refused);
}

async function oddPngs(): Promise<readonly OddImage[]> {
  const base = picture(41, 30);
  const plain = await bytesOf(base.clone().png());
  const palette = await bytesOf(base.clone().png({ palette: true, colours: 16 }));
  const before = (type: string, ...added: readonly Uint8Array[]) =>
    mappedPng(plain, (each) => [...(each.type === type ? added : []), chunk(each.type, each.content)]);
  const withChecksum = (png: Uint8Array, type: string) =>
    mappedPng(png, (each) => [chunk(each.type, each.content, Number(each.type === type))]);
  const text = Buffer.from('Comment\0hello', 'latin1');
  const sound: Record<string, Uint8Array> = {
    'plain.png': plain,
    'alpha.png': await bytesOf(base.clone().ensureAlpha(0.3).png()),
    'palette.png': palette,
    'palette-alpha.png': await bytesOf(base.clone().ensureAlpha(0.3).png({ palette: true })),
    'gray.png': await bytesOf(base.clone().toColourspace('b-w').png()),
    'sixteen-bits.png': await bytesOf(base.clone().toColourspace('rgb16').linear(1.003, 100).png()),
    'interlaced.png': await bytesOf(base.clone().png({ progressive: true })),
    'profile.png': await bytesOf(base.clone().withIccProfile('p3').png()),
    'gamma.png': before('IDAT', chunk('gAMA', Uint8Array.of(0, 0, 0x40, 0))),
    'transparent-colour.png': before('IDAT', chunk('tRNS', Uint8Array.of(0, 0, 0, 0, 0, 0))),
    'orientation-6.png': before('IDAT', chunk('eXIf', orientationTiff(6))),
    'orientation-behind.png': before('IEND', chunk('eXIf', orientationTiff(6))),
    'zeros-behind.png': joined(plain, new Uint8Array(5000)),
    'picture-checksum.png': withChecksum(plain, 'IDAT'),
    'two-picture-chunks.png': mappedPng(plain, ({ type, content }) =>
      type === 'IDAT'
        ? [chunk('IDAT', content.subarray(0, 40), 3), chunk('IDAT', content.subarray(40), 5)]
        : [chunk(type, content)],
    ),
  };
  const refused: Record<string, Uint8Array> = {
    'half.png': plain.subarray(0, plain.length >> 1),
    'header-checksum.png': withChecksum(plain, 'IHDR'),
    'palette-checksum.png': withChecksum(palette, 'PLTE'),
    'text-checksum.png': before('IDAT', chunk('tEXt', text, 1)),
    'damaged.png': plain.slice().fill(0x55, 60, 200),
    'no-end-mark.png': plain.subarray(0, -12),
    'wrong-total.png': mappedPng(plain, ({ type, content }) => [
      chunk(type, type === 'IDAT' ? content.slice().fill(1, content.length - 2) : content),
    ]),
  };
  return named(sound, refused);
}

function named(
  sound: Readonly<Record<string, Uint8Array>>,
  refused: Readonly<Record<string, Uint8Array>>,
): readonly OddImage[] {
  const list = (files: Readonly<Record<string, Uint8Array>>, isReadable: boolean): readonly OddImage[] =>
    Object.entries(files).map(([name, bytes]) => ({ name, bytes, isReadable }));
  return [...list(sound, true), ...list(refused, false)];
}
