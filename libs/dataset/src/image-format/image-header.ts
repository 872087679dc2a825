import type { HeaderParse } from './header-parse.js';
import { formatOf, otherKindOf, SNIFFED_BYTES } from './image-formats.js';
import { MissingBytesError, parseBytes, type HeaderParser } from './range-parser.js';

/**
 * Larger images are refused: decoded, so many pixels are 400 MB. Pillow warns from two thirds of it on and refuses a little
 * more.
 */
const MAX_PIXELS = 2 ** 27;

/** Reads format and size of an image from its first bytes, or all of them, whatever its name says. */
export function parseImageHeader(bytes: Uint8Array): HeaderParse {
  try {
    return parseBytes(bytes, imageHeader());
  } catch (error) {
    if (error instanceof MissingBytesError) return { kind: 'incomplete', needBytes: error.needBytes };
    throw error;
  }
}

/** The same, range by range. */
export function* imageHeader(): HeaderParser {
  const start = yield { from: 0, length: SNIFFED_BYTES };
  const format = formatOf(start);
  if (format === undefined) {
    return { kind: 'fault', reason: `no image that is read: ${describeStart(start)}`, otherKind: otherKindOf(start) };
  }
  const parsed = yield* format.parse();
  if (parsed.kind !== 'header' || parsed.header.width * parsed.header.height <= MAX_PIXELS) return parsed;
  const { width, height } = parsed.header;
  return { kind: 'fault', reason: `has ${width}x${height} pixels, at most ${MAX_PIXELS} are decoded` };
}

function describeStart(start: Uint8Array): string {
  const kind = otherKindOf(start);
  const hex = Array.from(start.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return kind === 'unknown' || kind === 'text' ? `it begins with ${hex}` : `it looks like ${kind}`;
}
