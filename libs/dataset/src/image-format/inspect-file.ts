import { RecoverableError } from '#contracts';
import { isCode, isMissing } from '#files';
import { versionOf } from '#stores';
import { openByPromises, type OpenDiskFile } from '../disk-threads/open-disk-file.js';
import type { HeaderParse, ImageFault, ImageHeader } from './header-parse.js';
import { imageHeader } from './image-header.js';
import { hasEndMark, headerOrFault, inspectBytes, MARK_OVERLAP, withoutEnd } from './inspect-image.js';
import { MissingBytesError, parseSlices } from './range-parser.js';

export type FileInspection =
  { readonly kind: 'image'; readonly sizeBytes: number; readonly header: ImageHeader } | ImageFault;

/** How far from the end the end-of-image mark is looked for at first: most files end with it, or padding follows. */
const TRAILER_BYTES = 4096;
/** Pieces in which a file is read whose end-of-image mark is not near its end. */
const PIECE_BYTES = 1024 * 1024;
/** Sizes are kept as 32-bit numbers, and no decoder takes a larger file. */
const MAX_FILE_BYTES = 0x7fff_ffff;

/** Bytes of an image that lies in a file or in a part of one. */
export interface ImageSource {
  readonly sizeBytes: number;
  /** Bytes from `from` on; fewer than `length` where the source ends. */
  readonly slice: (from: number, length: number) => Promise<Uint8Array>;
}

/** What is found of a file of the disk. The version is that of the disk store. */
export type FileLook = (FileInspection & { readonly kind: 'image'; readonly version: string }) | ImageFault;

/**
 * Checks both ends of a file, and all of it where something follows the image. What is wrong with the file is a fault with its
 * reason. Rejects with RecoverableError where it says nothing of the file: too many are open, a disk of the network is away.
 */
export async function inspectFile(path: string, open: OpenDiskFile = openByPromises): Promise<FileLook> {
  try {
    const file = await open(path);
    try {
      const { stats } = file;
      if (!stats.isFile()) return { kind: 'fault', reason: 'not a regular file' };
      const slice = async (from: number, length: number): Promise<Uint8Array> => {
        const bytes = Buffer.allocUnsafe(length);
        return bytes.subarray(0, await file.read(bytes, from));
      };
      const inspection = await inspectSource({ sizeBytes: stats.size, slice });
      return inspection.kind === 'fault' ? inspection : { ...inspection, version: versionOf(stats) };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isCode(error, 'EMFILE', 'ENFILE', 'ESTALE', 'ETIMEDOUT'))
      throw new RecoverableError(`${path}: ${String(error)}`, { cause: error });
    return { kind: 'fault', reason: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  if (isMissing(error) || isCode(error, 'ENOTDIR')) return 'there is no such file';
  if (isCode(error, 'EACCES', 'EPERM')) return 'there is no right to read it';
  return error instanceof Error ? error.message : String(error);
}

/** The same check of an image wherever it lies. Rejects where the source does. */
export async function inspectSource(source: ImageSource): Promise<FileInspection> {
  const { sizeBytes } = source;
  if (sizeBytes > MAX_FILE_BYTES) return { kind: 'fault', reason: `${sizeBytes} bytes: too large for an image` };
  if (sizeBytes <= TRAILER_BYTES) {
    const inspection = inspectBytes(await source.slice(0, sizeBytes));
    return inspection.kind === 'fault' ? inspection : { ...inspection, sizeBytes };
  }
  const slice = (from: number, length: number): Promise<Uint8Array> =>
    source.slice(from, Math.max(0, Math.min(length, sizeBytes - from)));
  const parsed = headerOrFault(await parseHeader(slice), sizeBytes);
  if (parsed.kind === 'fault') return parsed;
  const { header } = parsed;
  const { end } = header;
  const isWhole = end.kind === 'size' ? end.bytes <= sizeBytes : await endsSomewhere({ header, sizeBytes, slice });
  return isWhole ? { kind: 'image', sizeBytes, header } : withoutEnd(end, sizeBytes);
}

async function parseHeader(slice: ImageSource['slice']): Promise<HeaderParse> {
  try {
    return await parseSlices(slice, imageHeader());
  } catch (error) {
    if (error instanceof MissingBytesError) return { kind: 'incomplete', needBytes: error.needBytes };
    throw error;
  }
}

interface SourceWithHeader extends ImageSource {
  readonly header: ImageHeader;
}

/** Looks for the end-of-image mark in the last bytes, and from there towards the header. */
async function endsSomewhere(source: SourceWithHeader): Promise<boolean> {
  const { header, sizeBytes } = source;
  const first = header.end.kind === 'mark' ? header.end.after : 0;
  let end = sizeBytes;
  for (let length = TRAILER_BYTES; end > first; length = PIECE_BYTES) {
    const from = Math.max(first, end - length);
    const piece = await source.slice(from, Math.min(sizeBytes, end + MARK_OVERLAP) - from);
    if (hasEndMark(header, piece, from)) return true;
    end = from;
  }
  return false;
}
