import type { HeaderParse, ImageEnd, ImageFault, ImageFormatName, ImageHeader } from './header-parse.js';
import { parseImageHeader } from './image-header.js';

export type ImageInspection = { readonly kind: 'image'; readonly header: ImageHeader } | ImageFault;

const END_MARKS: Readonly<Partial<Record<ImageFormatName, Buffer>>> = {
  jpeg: Buffer.from([0xff, 0xd9]),
  png: Buffer.from([0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82]),
};
/** Bytes by which neighbouring pieces of a file have to overlap, so that no mark is cut in two. */
export const MARK_OVERLAP = 7;

/**
 * Cheap integrity check of an image in memory, without decoding: a known format, a sane size, and an end (so a file cut short
 * is found, while one damaged in the middle is left to the decoder). What follows the end is of no concern: cameras append
 * padding, videos and second images.
 * In entropy-coded JPEG data 0xff is always followed by 0x00 or a restart marker, so its mark cannot occur by chance.
 */
export function inspectBytes(bytes: Uint8Array): ImageInspection {
  const parsed = headerOrFault(parseImageHeader(bytes), bytes.length);
  if (parsed.kind === 'fault') return parsed;
  const { header } = parsed;
  const isWhole = header.end.kind === 'size' ? header.end.bytes <= bytes.length : hasEndMark(header, bytes, 0);
  return isWhole ? { kind: 'image', header } : withoutEnd(header.end, bytes.length);
}

/** What was parsed, where a header that goes on past the end is a fault. */
export function headerOrFault(parsed: HeaderParse, sizeBytes: number): Exclude<HeaderParse, { kind: 'incomplete' }> {
  if (sizeBytes === 0) return { kind: 'fault', reason: 'the file is empty', otherKind: 'empty' };
  if (parsed.kind !== 'incomplete') return parsed;
  return { kind: 'fault', reason: `cut short: ${sizeBytes} bytes, ends inside its header` };
}

/** Whether a piece of the file, which begins at byte `from` of it, holds the end-of-image mark. */
export function hasEndMark({ format, end }: ImageHeader, piece: Uint8Array, from: number): boolean {
  const mark = END_MARKS[format];
  if (mark === undefined || end.kind !== 'mark') throw new Error(`bug: ${format} has no end-of-image mark`);
  const searched = piece.subarray(Math.max(0, end.after - from));
  return Buffer.from(searched.buffer, searched.byteOffset, searched.length).includes(mark);
}

/** What is said of a file that was cut short. */
export function withoutEnd(end: ImageEnd, sizeBytes: number): { readonly kind: 'fault'; readonly reason: string } {
  const missing = end.kind === 'mark' ? 'no end-of-image mark' : `its picture ends at byte ${end.bytes}`;
  return { kind: 'fault', reason: `cut short: ${missing} (${sizeBytes} bytes)` };
}
