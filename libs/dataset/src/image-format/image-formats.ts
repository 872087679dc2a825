import { looksLikeAvif, parseAvifHeader, brandsOf } from './avif-header.js';
import { parseBmpHeader } from './bmp-header.js';
import { looksLikeBmp } from './bmp-layout.js';
import { parseGifHeader } from './gif-header.js';
import { hasPrefix, type HeaderParse, type ImageFormatName } from './header-parse.js';
import { parseJpegHeader } from './jpeg-header.js';
import { parsePngHeader } from './png-header.js';
import type { HeaderParser } from './range-parser.js';
import { parseTiffHeader } from './tiff-header.js';
import { parseWebpHeader } from './webp-header.js';

interface ImageFormat {
  readonly name: ImageFormatName;
  /** Whether a file begins as one of this format; SNIFFED_BYTES of it are given, or all where it has fewer. */
  readonly matches: (start: Uint8Array) => boolean;
  readonly parse: () => HeaderParser;
}

/** Enough to tell one format from another. */
export const SNIFFED_BYTES = 64;
/** Most frame headers lie within the first 4 KiB; EXIF thumbnails and colour profiles push some further back. */
const HEADER_BYTES = 4096;
const MAX_HEADER_BYTES = 16 * 1024 * 1024;

/** The formats that are read. One more is a line here and a file beside this one; a decoder has to know it, too. */
const FORMATS: readonly ImageFormat[] = [
  { name: 'jpeg', matches: (start) => hasPrefix(start, '\xff\xd8'), parse: () => fromPrefix(parseJpegHeader) },
  { name: 'png', matches: (start) => hasPrefix(start, '\x89PNG'), parse: () => fromPrefix(parsePngHeader) },
  {
    name: 'webp',
    matches: (start) => hasPrefix(start, 'RIFF') && hasPrefix(start.subarray(8), 'WEBP'),
    parse: parseWebpHeader,
  },
  { name: 'gif', matches: (start) => hasPrefix(start, 'GIF87a') || hasPrefix(start, 'GIF89a'), parse: parseGifHeader },
  { name: 'bmp', matches: looksLikeBmp, parse: parseBmpHeader },
  {
    name: 'tiff',
    // Canon's raw files are TIFF by their first bytes and say otherwise in the next.
    matches: (start) =>
      ['II*\0', 'II+\0', 'MM\0*', 'MM\0+'].some((magic) => hasPrefix(start, magic)) &&
      !hasPrefix(start.subarray(8), 'CR'),
    parse: parseTiffHeader,
  },
  { name: 'avif', matches: looksLikeAvif, parse: parseAvifHeader },
];

/** The format of a file that begins with these bytes. */
export function formatOf(start: Uint8Array): ImageFormat | undefined {
  return FORMATS.find(({ matches }) => matches(start));
}

/** Kinds of files that lie among images and are not read, by their first bytes. */
const OTHER_KINDS: readonly (readonly [kind: string, ...magics: string[]])[] = [
  ['JPEG XL', '\xff\x0a', '\0\0\0\x0cJXL '],
  ['JPEG 2000', '\0\0\0\x0cjP  ', '\xff\x4f\xff\x51'],
  ['Photoshop', '8BPS'],
  ['PDF', '%PDF'],
  ['PostScript', '%!PS'],
  ['ICO', '\0\0\x01\0'],
  ['HTML, XML or SVG', '<', '\xef\xbb\xbf<'],
  ['ZIP', 'PK\x03\x04', 'PK\x05\x06'],
  ['gzip', '\x1f\x8b'],
  ['HDF5 or MATLAB', '\x89HDF', 'MATLAB'],
  ['NumPy', '\x93NUMPY'],
  ['Parquet', 'PAR1'],
  ['a raw file of a camera', 'II*\0\x10\0\0\0CR', 'FUJIFILM', 'IIRO', 'IIU\0'],
  ['RIFF (not WebP)', 'RIFF'],
  ['Netpbm', 'P1', 'P2', 'P3', 'P4', 'P5', 'P6'],
  ['Matroska', '\x1a\x45\xdf\xa3'],
];
const HEIF_BRANDS: readonly string[] = ['heic', 'heix', 'hevc', 'hevx', 'heim', 'heis', 'mif1', 'msf1'];

/** What a file is that is no image of ours, as far as its first bytes tell. */
export function otherKindOf(start: Uint8Array): string {
  if (start.length === 0) return 'empty';
  const brands = brandsOf(start);
  if (brands.includes('avis')) return 'an AVIF sequence';
  if (brands.some((brand) => HEIF_BRANDS.includes(brand))) return 'HEIC';
  if (brands.length > 0) return 'a video (MP4, MOV)';
  const known = OTHER_KINDS.find(([, ...magics]) => magics.some((magic) => hasPrefix(start, magic)));
  if (known !== undefined) return known[0];
  return start.every((byte) => byte >= 0x20 || (byte >= 9 && byte <= 13)) ? 'text' : 'unknown';
}

/** A parser that is given the first bytes of a file, again with more while it asks for them. */
function* fromPrefix(parse: (bytes: Uint8Array) => HeaderParse): HeaderParser {
  for (let length = HEADER_BYTES; ;) {
    const bytes = yield { from: 0, length };
    const parsed = parse(bytes);
    if (parsed.kind !== 'incomplete' || bytes.length < length) return parsed;
    if (parsed.needBytes > MAX_HEADER_BYTES) return { kind: 'fault', reason: 'no frame header in 16 MiB' };
    // Doubling keeps the number of reads logarithmic in the header's length.
    length = Math.max(parsed.needBytes, length * 2);
  }
}
