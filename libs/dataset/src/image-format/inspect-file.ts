import { open } from 'node:fs/promises';
import type { ImageHeader } from './header-parse.js';
import { hasEndMark, inspectImage, MARK_OVERLAP, TRAILER_BYTES, withoutEnd } from './inspect-image.js';

export type FileInspection =
  | { readonly kind: 'image'; readonly sizeBytes: number; readonly header: ImageHeader }
  | { readonly kind: 'fault'; readonly reason: string };

/** Most frame headers lie within the first 4 KiB; EXIF thumbnails and colour profiles push some further back. */
const HEADER_BYTES = 4096;
const MAX_HEADER_BYTES = 16 * 1024 * 1024;
/** Pieces in which a file is read whose end-of-image mark is not near its end. */
const PIECE_BYTES = 1024 * 1024;
/** Sizes are kept as 32-bit numbers, and no decoder takes a larger file. */
const MAX_FILE_BYTES = 0x7fff_ffff;

/** Bytes of an image that lies in a file or in a part of one. */
export interface ImageSource {
  readonly sizeBytes: number;
  /** Bytes from `from` on; fewer than `length` where the source ends. */
  slice(from: number, length: number): Promise<Uint8Array>;
}

/**
 * Checks both ends of a file, and all of it where something follows the image. Every failure is a fault with its reason,
 * never a rejection.
 */
export async function inspectFile(path: string): Promise<FileInspection> {
  try {
    const file = await open(path, 'r');
    try {
      const stats = await file.stat();
      if (!stats.isFile()) return { kind: 'fault', reason: 'not a regular file' };
      const slice = async (from: number, length: number): Promise<Uint8Array> => {
        const bytes = new Uint8Array(length);
        const { bytesRead } = await file.read(bytes, 0, length, from);
        return bytes.subarray(0, bytesRead);
      };
      return await inspectSource({ sizeBytes: stats.size, slice });
    } finally {
      await file.close();
    }
  } catch (error) {
    return { kind: 'fault', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** The same check of an image wherever it lies. Rejects where the source does. */
export async function inspectSource({ sizeBytes, slice }: ImageSource): Promise<FileInspection> {
  if (sizeBytes > MAX_FILE_BYTES) return { kind: 'fault', reason: `${sizeBytes} bytes: too large for an image` };
  let header = await slice(0, Math.min(sizeBytes, HEADER_BYTES));
  const trailer = sizeBytes <= HEADER_BYTES ? header : await slice(sizeBytes - TRAILER_BYTES, TRAILER_BYTES);
  for (;;) {
    const inspection = inspectImage(header, trailer, sizeBytes);
    if (inspection.kind === 'fault') return inspection;
    if (inspection.kind === 'image') return { kind: 'image', sizeBytes, header: inspection.header };
    if (inspection.kind === 'no-end') {
      const isWhole = await endsSomewhere(inspection.header, sizeBytes, slice);
      return isWhole ? { kind: 'image', sizeBytes, header: inspection.header } : withoutEnd(sizeBytes);
    }
    if (inspection.needBytes > MAX_HEADER_BYTES) return { kind: 'fault', reason: 'no frame header in 16 MiB' };
    // Doubling keeps the number of reads logarithmic in the header's length.
    header = await slice(0, Math.min(sizeBytes, Math.max(inspection.needBytes, header.length * 2)));
    if (header.length < inspection.needBytes) return { kind: 'fault', reason: 'it changed while it was read' };
  }
}

/** Looks for the end-of-image mark from the end of the file towards its header. */
async function endsSomewhere(header: ImageHeader, sizeBytes: number, slice: ImageSource['slice']): Promise<boolean> {
  let end = sizeBytes - TRAILER_BYTES;
  while (end > header.dataOffset) {
    const from = Math.max(header.dataOffset, end - PIECE_BYTES);
    const piece = await slice(from, Math.min(sizeBytes, end + MARK_OVERLAP) - from);
    if (hasEndMark(header, piece, from)) return true;
    end = from;
  }
  return false;
}
