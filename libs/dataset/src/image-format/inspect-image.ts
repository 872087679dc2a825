import type { ImageHeader } from './header-parse.js';
import { parseImageHeader } from './image-header.js';

export type ImageInspection =
  | { readonly kind: 'image'; readonly header: ImageHeader }
  | { readonly kind: 'fault'; readonly reason: string }
  | { readonly kind: 'incomplete'; readonly needBytes: number };

/** How far from the end the end-of-image mark is looked for: cameras and downloaders append padding. */
export const TRAILER_BYTES = 4096;

const JPEG_END = [0xff, 0xd9];
const PNG_END = [0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82];

/**
 * Cheap integrity check from both ends of a file, without decoding: a known format, a sane size, and an end-of-image
 * mark within the last 4 KiB (so a file cut short is found, while one damaged in the middle is left to the decoder).
 * In entropy-coded JPEG data 0xff is always followed by 0x00 or a restart marker, so the mark cannot occur by chance.
 *
 * @param header first bytes of the file
 * @param trailer last bytes of the file, TRAILER_BYTES or the whole file; may overlap the header
 * @param sizeBytes size of the whole file
 */
export function inspectImage(header: Uint8Array, trailer: Uint8Array, sizeBytes: number): ImageInspection {
  if (sizeBytes === 0) return { kind: 'fault', reason: 'the file is empty' };
  const parsed = parseImageHeader(header);
  if (parsed.kind === 'fault') return parsed;
  if (parsed.kind === 'incomplete') {
    if (header.length < sizeBytes && parsed.needBytes <= sizeBytes) return parsed;
    return { kind: 'fault', reason: `cut short: ${sizeBytes} bytes, ends inside its header` };
  }
  const { format, dataOffset } = parsed.header;
  const firstCandidate = Math.max(0, dataOffset - (sizeBytes - trailer.length));
  const hasEnd = contains(trailer, format === 'jpeg' ? JPEG_END : PNG_END, firstCandidate);
  if (!hasEnd) return { kind: 'fault', reason: `cut short: no end-of-image mark near its end (${sizeBytes} bytes)` };
  return { kind: 'image', header: parsed.header };
}

/** The same check of a file that is in memory. */
export function inspectBytes(bytes: Uint8Array): Exclude<ImageInspection, { kind: 'incomplete' }> {
  const inspection = inspectImage(bytes, bytes.subarray(-TRAILER_BYTES), bytes.length);
  return inspection.kind === 'incomplete' ? { kind: 'fault', reason: 'cut short inside its header' } : inspection;
}

function contains(bytes: Uint8Array, pattern: readonly number[], from: number): boolean {
  for (let at = bytes.length - pattern.length; at >= from; at -= 1) {
    if (pattern.every((byte, offset) => bytes[at + offset] === byte)) return true;
  }
  return false;
}
