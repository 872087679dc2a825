import { exifOrientation } from './exif-orientation.js';
import { hasPrefix, type HeaderParse } from './header-parse.js';

/** Start-of-frame markers a baseline libjpeg decodes: baseline, extended, progressive, and their arithmetic forms. */
const SUPPORTED_FRAMES: ReadonlySet<number> = new Set([0xc0, 0xc1, 0xc2, 0xc9, 0xca]);
/** libjpeg's JPEG_MAX_DIMENSION. */
const MAX_SIDE = 65_500;
const [EXIF, PROFILE] = ['Exif\0\0', 'ICC_PROFILE\0'];

/** What segments before the frame header say. */
interface Seen {
  orientation: number | null;
  hasProfile: boolean;
}

/**
 * Walks the marker segments of ITU-T T.81 Annex B up to the frame header, as tolerant as libjpeg: whatever lies between two
 * segments is passed over up to the next marker, and so is what a segment's wrong length leaves behind.
 */
export function parseJpegHeader(bytes: Uint8Array): HeaderParse {
  const seen: Seen = { orientation: null, hasProfile: false };
  let at = 2;
  for (;;) {
    at = nextMarker(bytes, at);
    if (at + 4 > bytes.length) return { kind: 'incomplete', needBytes: at + 4 };
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xd8) return fault('a second beginning');
    if (marker === 0xd9) return fault('it ends before any picture data');
    if (marker === 0xda) return fault('picture data before the frame header');
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
      at += 2;
      continue;
    }
    const segmentLength = uint16(bytes, at + 2);
    if (isFrame(marker)) return parseFrame(bytes, { at, marker, segmentLength }, seen);
    if (!isKnown(marker)) return fault(`the unknown marker ${marker.toString(16)} at byte ${at}`);
    // libjpeg takes a length below 2 for no content.
    const end = at + Math.max(4, 2 + segmentLength);
    if (end > bytes.length) return { kind: 'incomplete', needBytes: end };
    look(marker, bytes.subarray(at + 4, end), seen);
    at = end;
  }
}

/** Where the next marker's 0xff lies: behind junk, fill bytes and the pair 0xff 0x00, which is none. */
function nextMarker(bytes: Uint8Array, from: number): number {
  for (let at = from; ; at += 1) {
    at = bytes.indexOf(0xff, at);
    if (at < 0) return bytes.length;
    while (bytes[at + 1] === 0xff) at += 1;
    if (bytes[at + 1] !== 0) return at;
  }
}

function look(marker: number, content: Uint8Array, seen: Seen): void {
  if (marker === 0xe1 && seen.orientation === null && hasPrefix(content, EXIF)) {
    seen.orientation = exifOrientation(content.subarray(EXIF.length));
  }
  if (marker === 0xe2 && hasPrefix(content, PROFILE)) seen.hasProfile = true;
}

function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xcc;
}

/** Tables, restart interval, number of lines, application data and comment; libjpeg gives up at anything else. */
function isKnown(marker: number): boolean {
  return [0xc4, 0xcc, 0xdb, 0xdc, 0xdd, 0xfe].includes(marker) || (marker >= 0xe0 && marker <= 0xef);
}

interface Segment {
  readonly at: number;
  readonly marker: number;
  readonly segmentLength: number;
}

function parseFrame(bytes: Uint8Array, { at, marker, segmentLength }: Segment, seen: Seen): HeaderParse {
  if (at + 10 > bytes.length) return { kind: 'incomplete', needBytes: at + 10 };
  const precision = bytes[at + 4] ?? 0;
  const height = uint16(bytes, at + 5);
  const width = uint16(bytes, at + 7);
  const numComponents = bytes[at + 9] ?? 0;
  if (!SUPPORTED_FRAMES.has(marker)) return fault(`JPEG coding SOF${marker - 0xc0} (lossless or hierarchical)`);
  if (precision !== 8) return fault(`${precision} bits a sample, not 8`);
  if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE) return fault(`a size of ${width}x${height}`);
  if (numComponents !== 1 && numComponents !== 3 && numComponents !== 4) return fault(`${numComponents} components`);
  if (segmentLength !== 8 + 3 * numComponents) return fault(`a frame header of ${segmentLength} bytes`);
  const { orientation, hasProfile } = seen;
  return {
    kind: 'header',
    header: {
      format: 'jpeg',
      width,
      height,
      numComponents,
      isCmyk: numComponents === 4,
      end: { kind: 'mark', after: at + 2 + segmentLength },
      orientation: orientation ?? 1,
      hasProfile,
    },
  };
}

function fault(reason: string): HeaderParse {
  return { kind: 'fault', reason: `damaged or unsupported JPEG: ${reason}` };
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
