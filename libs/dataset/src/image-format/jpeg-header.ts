import type { HeaderParse } from './header-parse.js';

/** Start-of-frame markers a baseline libjpeg decodes: baseline, extended, progressive, and their arithmetic forms. */
const SUPPORTED_FRAMES: ReadonlySet<number> = new Set([0xc0, 0xc1, 0xc2, 0xc9, 0xca]);
/** libjpeg's JPEG_MAX_DIMENSION. */
const MAX_SIDE = 65_500;

/** Walks the marker segments of ITU-T T.81 Annex B up to the frame header. */
export function parseJpegHeader(bytes: Uint8Array): HeaderParse {
  let at = 2;
  for (;;) {
    const markerAt = at;
    if (at + 4 > bytes.length) return { kind: 'incomplete', needBytes: at + 4 };
    if (bytes[at] !== 0xff) return fault(`no marker at byte ${markerAt}`);
    // Any number of fill bytes 0xff may come before a marker.
    while (bytes[at + 1] === 0xff) at += 1;
    if (at + 4 > bytes.length) return { kind: 'incomplete', needBytes: at + 4 };
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xd9) return fault('it ends before any picture data');
    if (marker === 0xda) return fault('picture data before the frame header');
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += 2;
      continue;
    }
    const segmentLength = uint16(bytes, at + 2);
    if (segmentLength < 2) return fault(`a segment of ${segmentLength} bytes at byte ${at}`);
    if (isFrame(marker)) return parseFrame(bytes, at, marker, segmentLength);
    at += 2 + segmentLength;
  }
}

function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

function parseFrame(bytes: Uint8Array, at: number, marker: number, segmentLength: number): HeaderParse {
  if (at + 10 > bytes.length) return { kind: 'incomplete', needBytes: at + 10 };
  const precision = bytes[at + 4] ?? 0;
  const height = uint16(bytes, at + 5);
  const width = uint16(bytes, at + 7);
  const numComponents = bytes[at + 9] ?? 0;
  if (!SUPPORTED_FRAMES.has(marker)) return fault(`JPEG coding SOF${marker - 0xc0} (lossless or hierarchical)`);
  if (precision !== 8) return fault(`${precision} bits a sample, not 8`);
  if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE) return fault(`a size of ${width}x${height}`);
  if (numComponents !== 1 && numComponents !== 3 && numComponents !== 4) return fault(`${numComponents} components`);
  if (segmentLength < 8 + 3 * numComponents) return fault(`a frame header of ${segmentLength} bytes`);
  const dataOffset = at + 2 + segmentLength;
  return { kind: 'header', header: { format: 'jpeg', width, height, numComponents, dataOffset } };
}

function fault(reason: string): HeaderParse {
  return { kind: 'fault', reason: `damaged or unsupported JPEG: ${reason}` };
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
