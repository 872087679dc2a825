import type { ImageHeader } from './header-parse.js';
import { parseImageHeader } from './image-header.js';

export type ImageInspection =
  | { readonly kind: 'image'; readonly header: ImageHeader }
  | { readonly kind: 'fault'; readonly reason: string }
  | { readonly kind: 'incomplete'; readonly needBytes: number }
  /** The trailer has no end-of-image mark: it lies further ahead, or nowhere. */
  | { readonly kind: 'no-end'; readonly header: ImageHeader };

/** How far from the end the end-of-image mark is looked for at first: most files end with it, or padding follows. */
export const TRAILER_BYTES = 4096;

const END_MARKS: Readonly<Record<ImageHeader['format'], Buffer>> = {
  jpeg: Buffer.from([0xff, 0xd9]),
  png: Buffer.from([0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82]),
};
/** Bytes by which neighbouring pieces of a file have to overlap, so that no mark is cut in two. */
export const MARK_OVERLAP = 7;

/**
 * Cheap integrity check from both ends of a file, without decoding: a known format, a sane size, and an end-of-image
 * mark (so a file cut short is found, while one damaged in the middle is left to the decoder). What follows the mark is
 * of no concern: cameras append padding, videos and second images.
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
  const kind = hasEndMark(parsed.header, trailer, sizeBytes - trailer.length) ? 'image' : 'no-end';
  return { kind, header: parsed.header };
}

/** Whether a piece of the file, which begins at byte `from` of it, holds the end-of-image mark. */
export function hasEndMark({ format, dataOffset }: ImageHeader, piece: Uint8Array, from: number): boolean {
  const searched = piece.subarray(Math.max(0, dataOffset - from));
  return Buffer.from(searched.buffer, searched.byteOffset, searched.length).includes(END_MARKS[format]);
}

/** What is said of a file without the mark. */
export function withoutEnd(sizeBytes: number): { readonly kind: 'fault'; readonly reason: string } {
  return { kind: 'fault', reason: `cut short: no end-of-image mark (${sizeBytes} bytes)` };
}

/** The same check of a file that is in memory. */
export function inspectBytes(bytes: Uint8Array): Extract<ImageInspection, { kind: 'image' | 'fault' }> {
  const inspection = inspectImage(bytes, bytes, bytes.length);
  if (inspection.kind === 'incomplete') return { kind: 'fault', reason: 'cut short inside its header' };
  return inspection.kind === 'no-end' ? withoutEnd(bytes.length) : inspection;
}
