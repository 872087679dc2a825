import { parseBytes, take, type RangeParser } from './range-parser.js';

/** How the pixels of a BMP lie. */
export interface BmpLayout {
  readonly width: number;
  readonly height: number;
  readonly isTopDown: boolean;
  /** Of a pixel: 1, 2, 4, 8, 16, 24 or 32. */
  readonly bits: number;
  readonly coding: 'plain' | 'rle8' | 'rle4';
  /** Byte of the first pixel. */
  readonly pixels: number;
  /** Byte of the colours, bytes of each (blue, green, red), and their number; null where pixels are no numbers of colours. */
  readonly palette: { readonly at: number; readonly entryBytes: number; readonly numColours: number } | null;
  /** Bits of red, green and blue in a pixel of 16 or 32 bits. */
  readonly masks: readonly [number, number, number];
  /** Whether a fourth channel is declared. */
  readonly hasAlpha: boolean;
  /** A profile of its own is embedded or linked. */
  readonly hasProfile: boolean;
}

const FILE_HEADER_BYTES = 14;
const CORE_BYTES = 12;
/** OS/2 2.x, short and long; the numbers of its codings mean something else. */
const OS2_BYTES: readonly number[] = [16, 64];
const HEADER_BYTES: readonly number[] = [CORE_BYTES, ...OS2_BYTES, 40, 52, 56, 108, 124];
const [PLAIN, RLE8, RLE4, MASKS, ALPHA_MASKS] = [0, 1, 2, 3, 6];
const DEFAULT_MASKS: Readonly<Record<number, readonly [number, number, number]>> = {
  16: [0x7c00, 0x03e0, 0x001f],
  32: [0x00ff_0000, 0x0000_ff00, 0x0000_00ff],
};
const PROFILES: readonly number[] = [0x4d42_4544, 0x4c49_4e4b];

/** Whether bytes begin as a BMP does: BM alone begins texts as well. */
export function looksLikeBmp(start: Uint8Array): boolean {
  const isHeader = HEADER_BYTES.includes(start[14] ?? 0) && start[15] === 0 && start[16] === 0 && start[17] === 0;
  return start[0] === 0x42 && start[1] === 0x4d && isHeader;
}

/** How the pixels lie of a BMP in memory whose header is sound. */
export function bmpLayout(bytes: Uint8Array): BmpLayout {
  const layout = parseBytes(bytes, readBmpLayout());
  if (typeof layout === 'string') throw new Error(layout);
  return layout;
}

/** Reads a bitmap header of Windows or OS/2, or says what is wrong with it. */
export function* readBmpLayout(): RangeParser<BmpLayout | string> {
  const start = yield* take(0, 18);
  const pixelsAt = start.getUint32(10, true);
  const headerBytes = start.getUint32(14, true);
  const head = yield* take(FILE_HEADER_BYTES, headerBytes);
  const isCore = headerBytes === CORE_BYTES;
  const field = (at: number): number => (at + 4 <= headerBytes ? head.getUint32(at, true) : 0);
  const signedHeight = isCore ? head.getUint16(6, true) : head.getInt32(8, true);
  const width = isCore ? head.getUint16(4, true) : head.getInt32(4, true);
  const height = Math.abs(signedHeight);
  const bits = head.getUint16(isCore ? 10 : 14, true);
  const coding = isCore ? PLAIN : field(16);
  if (width < 1 || height < 1) return `a size of ${width}x${height}`;
  if (![1, 2, 4, 8, 16, 24, 32].includes(bits)) return `${bits} bits a pixel`;
  const name = codingOf(coding, bits, OS2_BYTES.includes(headerBytes));
  if (name === null) return `its coding ${coding} of ${bits} bits a pixel`;

  const behind = FILE_HEADER_BYTES + headerBytes;
  const isMasked = coding === MASKS || coding === ALPHA_MASKS;
  const ownMasks = isMasked && headerBytes < 52 ? yield* take(behind, 12) : null;
  const masks = isMasked
    ? masksOf(ownMasks ?? new DataView(head.buffer, head.byteOffset + 40, 12))
    : DEFAULT_MASKS[bits];
  const numGiven = isCore ? 0 : field(32);
  const numColours = numGiven === 0 ? 2 ** Math.min(bits, 8) : numGiven;
  if (bits <= 8 && numColours > 65_536) return `${numColours} colours`;
  const entryBytes = isCore ? 3 : 4;
  const paletteAt = behind + (ownMasks === null ? 0 : coding === ALPHA_MASKS ? 16 : 12);
  // Some writers forget the colours in the offset of the pixels.
  const isForgotten = bits <= 8 && pixelsAt === behind;
  return {
    width,
    height,
    isTopDown: signedHeight < 0,
    bits,
    coding: name,
    pixels: pixelsAt + (isForgotten ? numColours * entryBytes : 0),
    palette: bits <= 8 ? { at: paletteAt, entryBytes, numColours } : null,
    masks: masks ?? [0, 0, 0],
    hasAlpha: bits === 32 && isMasked && field(52) !== 0,
    hasProfile: headerBytes === 124 && PROFILES.includes(field(56)),
  };
}

/** Bytes from one line to the next: a multiple of four. */
export function bmpLineBytes({ width, bits }: Pick<BmpLayout, 'width' | 'bits'>): number {
  return Math.ceil((width * bits) / 32) * 4;
}

function codingOf(coding: number, bits: number, isOs2: boolean): BmpLayout['coding'] | null {
  if (coding === PLAIN) return 'plain';
  if (coding === RLE8 && bits === 8) return 'rle8';
  if (coding === RLE4 && bits === 4) return 'rle4';
  const isMasked = (coding === MASKS || coding === ALPHA_MASKS) && !isOs2;
  return isMasked && (bits === 16 || bits === 32) ? 'plain' : null;
}

function masksOf(view: DataView): readonly [number, number, number] {
  return [view.getUint32(0, true), view.getUint32(4, true), view.getUint32(8, true)];
}
