import { Header, Pax } from 'tar';
import type { ByteSource } from '../byte-source.js';

/** What a tar holds: where its bytes lie, none of which was read. */
export interface TarEntry {
  readonly path: string;
  /** `other`: folders, devices, notes of the archiver. */
  readonly kind: 'file' | 'link' | 'other';
  /** Where the contents begin in the source. */
  readonly offset: number;
  readonly sizeBytes: number;
}

/** A tar that cannot be read on: says where and why. */
export class TarFault extends Error {
  override readonly name = 'TarFault';
}

const BLOCK = 512;
/** Long names and PAX records; a megabyte of them is no name. */
const MAX_NOTE_BYTES = 2 ** 20;

const KINDS: Readonly<Record<string, TarEntry['kind']>> = {
  File: 'file',
  OldFile: 'file',
  ContiguousFile: 'file',
  Link: 'link',
  SymbolicLink: 'link',
};

/**
 * Walks through a tar from header to header and skips what lies between: GNU, PAX and ustar long names, sizes beyond 8 GiB.
 * It ends at the first empty block, or at the end of the source. Throws TarFault where no header is, or contents reach
 * beyond the source.
 */
export async function* tarEntries(source: ByteSource): AsyncGenerator<TarEntry> {
  let at = 0;
  /** What notes before a header say of the entry that it begins. */
  let noted: { path?: string; size?: number; isSparse?: boolean } = {};
  while (at < source.sizeBytes) {
    if (at + BLOCK > source.sizeBytes) throw new TarFault(`cut short: it ends inside a header at byte ${at}`);
    const header = headerAt(await source.read(at, BLOCK), at, noted);
    if (header === null) return;
    const offset = at + BLOCK;
    const isExtended = header.type === 'ExtendedHeader' || header.type === 'OldExtendedHeader';
    const isNote = isExtended || NOTES.has(header.type);
    const sizeBytes = (isNote ? undefined : noted.size) ?? header.size ?? 0;
    const end = offset + sizeBytes;
    if (end > source.sizeBytes) {
      throw new TarFault(`cut short: ${header.path ?? ''} at byte ${at} ends at byte ${end} of ${source.sizeBytes}`);
    }
    at = offset + Math.ceil(sizeBytes / BLOCK) * BLOCK;
    if (isNote) {
      if (sizeBytes > MAX_NOTE_BYTES) throw new TarFault(`a name of ${sizeBytes} bytes at byte ${offset - BLOCK}`);
      const bytes = await source.read(offset, sizeBytes);
      if (isExtended) noted = { ...noted, ...paxNotes(bytes) };
      else if (LONG_NAMES.has(header.type)) noted = { ...noted, path: text(bytes) };
      continue;
    }
    const path = noted.path ?? header.path ?? '';
    // Its contents do not lie in the tar as they are read, and its header may go on in further blocks.
    if (noted.isSparse === true || header.type === 'SparseFile') {
      throw new TarFault(`${path} is a sparse file; pack it again without --sparse`);
    }
    yield { path, kind: KINDS[header.type] ?? 'other', offset, sizeBytes };
    noted = {};
  }
}

const LONG_NAMES = new Set<string>(['NextFileHasLongPath', 'OldGnuLongPath']);
/** They tell something of the next entry, or of all. */
const NOTES = new Set<string>([...LONG_NAMES, 'NextFileHasLongLinkpath', 'GlobalExtendedHeader']);

function headerAt(block: Uint8Array, at: number, { path }: { readonly path?: string }): Header | null {
  // The long name comes along, because one that was cut behind a `/` looks like a folder's.
  const noted = path === undefined ? undefined : { path };
  const header = new Header(Buffer.from(block.buffer, block.byteOffset, block.length), 0, noted);
  if (header.nullBlock) return null;
  if (!header.cksumValid || (header.size === undefined && header.type !== 'Directory')) {
    throw new TarFault(at === 0 ? `is no tar: ${looksLike(block)}` : `damaged: no tar header at byte ${at}`);
  }
  return header;
}

function paxNotes(bytes: Uint8Array): { path?: string; size?: number; isSparse?: boolean } {
  const records = text(bytes, false);
  const { path, size } = Pax.parse(records);
  return {
    ...(path === undefined ? {} : { path }),
    ...(size === undefined ? {} : { size }),
    ...(/ GNU\.sparse\./.test(records) ? { isSparse: true } : {}),
  };
}

function text(bytes: Uint8Array, endsAtNull = true): string {
  const end = endsAtNull ? bytes.indexOf(0) : -1;
  return Buffer.from(bytes.buffer, bytes.byteOffset, end < 0 ? bytes.length : end).toString('utf8');
}

const MAGICS = [
  [[0x1f, 0x8b], 'it is compressed by gzip; uncompress it, its images gain nothing by it'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'it is compressed by zstd; uncompress it, its images gain nothing by it'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'it is compressed by xz; uncompress it, its images gain nothing by it'],
  [[0x42, 0x5a, 0x68], 'it is compressed by bzip2; uncompress it, its images gain nothing by it'],
  [[0x50, 0x4b, 0x03, 0x04], 'it is a zip file'],
  [[0x50, 0x41, 0x52, 0x31], 'it is a parquet file'],
] as const;

function looksLike(block: Uint8Array): string {
  const known = MAGICS.find(([magic]) => magic.every((byte, at) => block[at] === byte));
  return known?.[1] ?? 'its first block is no header';
}
