import { crc32 } from 'node:zlib';

/** Bytes of a JPEG's marker segment. */
export function segment(marker: number, content: Uint8Array, length = content.length + 2): Uint8Array {
  return joined(Uint8Array.of(0xff, marker, length >> 8, length & 0xff), content);
}

/** The image with bytes put in behind the segment that begins at byte 2 of it (JFIF). */
export function afterFirstSegment(jpeg: Uint8Array, ...added: readonly Uint8Array[]): Uint8Array {
  const end = 4 + (((jpeg[4] ?? 0) << 8) | (jpeg[5] ?? 0));
  return joined(jpeg.subarray(0, end), ...added, jpeg.subarray(end));
}

/** The segments of one kind before the picture data. */
export function segmentsOf(jpeg: Uint8Array, wanted: number): readonly Uint8Array[] {
  return headerSegments(jpeg).filter((each) => each[1] === wanted);
}

/** The JPEG without its segments of one kind. */
export function withoutSegments(jpeg: Uint8Array, unwanted: number): Uint8Array {
  const segments = headerSegments(jpeg);
  const headerBytes = segments.reduce((sum, each) => sum + each.length, 2);
  const kept = segments.filter((each) => each[1] !== unwanted);
  return joined(jpeg.subarray(0, 2), ...kept, jpeg.subarray(headerBytes));
}

function headerSegments(jpeg: Uint8Array): readonly Uint8Array[] {
  const segments: Uint8Array[] = [];
  for (let at = 2; jpeg[at + 1] !== 0xda;) {
    const end = at + 2 + (((jpeg[at + 2] ?? 0) << 8) | (jpeg[at + 3] ?? 0));
    segments.push(jpeg.subarray(at, end));
    at = end;
  }
  return segments;
}

/** An APP1 segment that says nothing but an orientation. */
export function exif(orientation: number): Uint8Array {
  return segment(0xe1, joined(Buffer.from('Exif\0\0', 'latin1'), orientationTiff(orientation)));
}

/** Big-endian TIFF of one entry: tag 0x0112, a SHORT. */
export function orientationTiff(orientation: number): Uint8Array {
  const entry = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0];
  return Uint8Array.of(0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, ...entry, 0, 0, 0, 0);
}

/** A PNG chunk; its checksum may be made wrong. */
export function chunk(type: string, content: Uint8Array, checksumOff = 0): Uint8Array {
  const body = joined(Buffer.from(type, 'latin1'), content);
  return joined(uint32(content.length), body, uint32((crc32(body) ^ checksumOff) >>> 0));
}

/** Type and content of a PNG's chunks. */
export function chunksOf(png: Uint8Array): { type: string; content: Uint8Array }[] {
  const chunks: { type: string; content: Uint8Array }[] = [];
  const view = new DataView(png.buffer, png.byteOffset, png.length);
  for (let at = 8; at < png.length;) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...png.subarray(at + 4, at + 8));
    chunks.push({ type, content: png.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return chunks;
}

/** A PNG of chunks that each chunk of another one is turned into. */
export function mappedPng(
  png: Uint8Array,
  map: (each: { type: string; content: Uint8Array }) => readonly Uint8Array[],
): Uint8Array {
  return joined(png.subarray(0, 8), ...chunksOf(png).flatMap(map));
}

export const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}
