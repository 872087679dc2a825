import type { HeaderParse } from './header-parse.js';
import { parseJpegHeader } from './jpeg-header.js';
import { parsePngHeader } from './png-header.js';

/**
 * Larger images are refused: decoded, so many pixels are 400 MB. Pillow warns from two thirds of it on and refuses a little
 * more.
 */
const MAX_PIXELS = 2 ** 27;

/** Reads format and size from the first bytes of a JPEG or PNG file, whatever its name says. */
export function parseImageHeader(bytes: Uint8Array): HeaderParse {
  const parsed = parseFormat(bytes);
  if (parsed.kind !== 'header' || parsed.header.width * parsed.header.height <= MAX_PIXELS) return parsed;
  const { width, height } = parsed.header;
  return { kind: 'fault', reason: `has ${width}x${height} pixels, at most ${MAX_PIXELS} are decoded` };
}

function parseFormat(bytes: Uint8Array): HeaderParse {
  if (bytes.length < 8) return { kind: 'incomplete', needBytes: 8 };
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return parseJpegHeader(bytes);
  if (bytes[0] === 0x89 && bytes[1] === 0x50 && bytes[2] === 0x4e && bytes[3] === 0x47) return parsePngHeader(bytes);
  return { kind: 'fault', reason: `neither JPEG nor PNG: ${describeStart(bytes)}` };
}

const OTHER_FORMATS: readonly (readonly [string, string])[] = [
  ['GIF8', 'GIF'],
  ['BM', 'BMP'],
  ['RIFF', 'WebP or another RIFF'],
  ['II*', 'TIFF'],
  ['MM\0*', 'TIFF'],
  ['<', 'HTML, XML or SVG'],
];

function describeStart(bytes: Uint8Array): string {
  const start = String.fromCharCode(...bytes.subarray(0, 8));
  const other = OTHER_FORMATS.find(([magic]) => start.startsWith(magic));
  const hex = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return other ? `it looks like ${other[1]}` : `it begins with ${hex}`;
}
