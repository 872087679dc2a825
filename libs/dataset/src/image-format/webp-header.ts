import { exifOrientation } from './exif-orientation.js';
import { hasPrefix, type HeaderParse } from './header-parse.js';
import { fourCharacters, take, type HeaderParser, type RangeParser } from './range-parser.js';

/** RIFF, its length, WEBP; then chunks: four characters, a length, content, filled up to an even number of bytes. */
const RIFF_BYTES = 12;
const CHUNK_BYTES = 8;
/** Flags of the VP8X chunk. */
const [PROFILE, ALPHA, EXIF] = [0x20, 0x10, 0x08];
/** An animation has a chunk for each frame, and EXIF comes behind them. */
const MAX_CHUNKS = 4096;
const MAX_EXIF_BYTES = 1024 * 1024;

/** Reads a WebP container (RFC 9649): lossy, lossless, or extended by alpha, animation, profile and EXIF. */
export function* parseWebpHeader(): HeaderParser {
  const riff = yield* take(0, RIFF_BYTES + CHUNK_BYTES);
  const end = 8 + riff.getUint32(4, true);
  const type = fourCharacters(riff, RIFF_BYTES);
  const body = RIFF_BYTES + CHUNK_BYTES;
  const plain = { format: 'webp', isCmyk: false, end: { kind: 'size', bytes: end }, orientation: 1 } as const;
  if (type === 'VP8 ') {
    const frame = yield* take(body, 10);
    const isKeyFrame = (frame.getUint8(0) & 1) === 0 && frame.getUint8(3) === 0x9d;
    if (!isKeyFrame) return fault('its picture begins with no key frame');
    const [width, height] = [frame.getUint16(6, true) & 0x3fff, frame.getUint16(8, true) & 0x3fff];
    return sized({ kind: 'header', header: { ...plain, width, height, numComponents: 3, hasProfile: false } });
  }
  if (type === 'VP8L') {
    const frame = yield* take(body, 5);
    if (frame.getUint8(0) !== 0x2f) return fault('its picture has no signature');
    const bits = frame.getUint32(1, true);
    const [width, height] = [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1];
    const numComponents = (bits >>> 28) & 1 ? 4 : 3;
    return { kind: 'header', header: { ...plain, width, height, numComponents, hasProfile: false } };
  }
  if (type !== 'VP8X') return fault(`it begins with a chunk ${JSON.stringify(type)}`);
  const canvas = yield* take(body, 10);
  const flags = canvas.getUint8(0);
  const side = (at: number): number => (canvas.getUint16(at, true) | (canvas.getUint8(at + 2) << 16)) + 1;
  return {
    kind: 'header',
    header: {
      ...plain,
      width: side(4),
      height: side(7),
      numComponents: (flags & ALPHA) === 0 ? 3 : 4,
      hasProfile: (flags & PROFILE) !== 0,
      orientation: (flags & EXIF) === 0 ? 1 : yield* orientationIn(body + riff.getUint32(16, true), end),
    },
  };
}

/** Looks for the EXIF chunk among those from `at` on. */
function* orientationIn(at: number, end: number): RangeParser<number> {
  for (let chunk = 0; chunk < MAX_CHUNKS && at + CHUNK_BYTES <= end; chunk += 1) {
    const head = yield* take(at, CHUNK_BYTES);
    const length = head.getUint32(4, true);
    if (fourCharacters(head, 0) === 'EXIF') {
      const content = yield* take(at + CHUNK_BYTES, Math.min(length, MAX_EXIF_BYTES));
      const exif = new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
      // Some writers put a JPEG's prefix before it.
      return exifOrientation(hasPrefix(exif, 'Exif\0\0') ? exif.subarray(6) : exif);
    }
    at += CHUNK_BYTES + length + (length % 2);
  }
  return 1;
}

function sized(parse: Extract<HeaderParse, { kind: 'header' }>): HeaderParse {
  const { width, height } = parse.header;
  return width > 0 && height > 0 ? parse : fault(`a size of ${width}x${height}`);
}

function fault(reason: string): HeaderParse {
  return { kind: 'fault', reason: `damaged or unsupported WebP: ${reason}` };
}
