import { open } from 'node:fs/promises';
import type { ImageHeader } from './header-parse.js';
import { inspectImage, TRAILER_BYTES } from './inspect-image.js';

export type FileInspection =
  | { readonly kind: 'image'; readonly sizeBytes: number; readonly header: ImageHeader }
  | { readonly kind: 'fault'; readonly reason: string };

/** Most frame headers lie within the first 4 KiB; EXIF thumbnails and colour profiles push some further back. */
const HEADER_BYTES = 4096;
const MAX_HEADER_BYTES = 16 * 1024 * 1024;
/** Sizes are kept as 32-bit numbers, and no decoder takes a larger file. */
const MAX_FILE_BYTES = 0x7fff_ffff;

/** Checks both ends of a file. Every failure is a fault with its reason, never a rejection. */
export async function inspectFile(path: string): Promise<FileInspection> {
  try {
    const file = await open(path, 'r');
    try {
      const stats = await file.stat();
      if (!stats.isFile()) return { kind: 'fault', reason: 'not a regular file' };
      const sizeBytes = stats.size;
      if (sizeBytes > MAX_FILE_BYTES) return { kind: 'fault', reason: `${sizeBytes} bytes: too large for an image` };
      const slice = async (from: number, length: number): Promise<Uint8Array> => {
        const bytes = new Uint8Array(length);
        const { bytesRead } = await file.read(bytes, 0, length, from);
        return bytes.subarray(0, bytesRead);
      };
      let header = await slice(0, Math.min(sizeBytes, HEADER_BYTES));
      const trailer = sizeBytes <= HEADER_BYTES ? header : await slice(sizeBytes - TRAILER_BYTES, TRAILER_BYTES);
      for (;;) {
        const inspection = inspectImage(header, trailer, sizeBytes);
        if (inspection.kind === 'fault') return inspection;
        if (inspection.kind === 'image') return { kind: 'image', sizeBytes, header: inspection.header };
        if (inspection.needBytes > MAX_HEADER_BYTES) return { kind: 'fault', reason: 'no frame header in 16 MiB' };
        // Doubling keeps the number of reads logarithmic in the header's length.
        header = await slice(0, Math.min(sizeBytes, Math.max(inspection.needBytes, header.length * 2)));
        if (header.length < inspection.needBytes) return { kind: 'fault', reason: 'it changed while it was read' };
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    return { kind: 'fault', reason: error instanceof Error ? error.message : String(error) };
  }
}
