import type { HeaderParse } from './header-parse.js';
import { take, type HeaderParser, type RangeParser } from './range-parser.js';

/** Tags of the first directory that say what the pixels are (TIFF 6.0, part 1 to 3). */
const TAG = {
  subfile: 254,
  width: 256,
  height: 257,
  bits: 258,
  coding: 259,
  colours: 262,
  stripOffsets: 273,
  orientation: 274,
  samples: 277,
  stripLengths: 279,
  tileOffsets: 324,
  tileLengths: 325,
  sampleFormat: 339,
  jpegTables: 347,
  profile: 34_675,
} as const;
const WANTED: ReadonlySet<number> = new Set(Object.values(TAG));

/** Bytes of a value by type; types that are no whole numbers are not asked for. */
const TYPE_BYTES: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 6: 1, 7: 1, 8: 2, 9: 4, 13: 4, 16: 8 };
const MAX_VALUES = 2 ** 20;
const MAX_ENTRIES = 4096;
const MAX_SIDE = 65_500;

/** Codings that libtiff is built with here: none, CCITT 2 to 4, LZW, JPEG, deflate (two numbers), PackBits. */
const CODINGS: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 7, 8, 32_946, 32_773]);
const OTHER_CODINGS: Readonly<Record<number, string>> = {
  6: 'the JPEG of TIFF 6.0',
  34_712: 'JPEG 2000',
  34_925: 'LZMA',
  50_000: 'Zstandard',
  50_001: 'WebP',
};
const JPEG_CODING = 7;

/** Samples of a pixel without alpha, by what its colours mean. */
const COLOURS: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 3, 3: 1, 5: 4, 6: 3 };
const [PALETTE, CMYK, YCBCR] = [3, 5, 6];

interface TiffShape {
  readonly isLittle: boolean;
  /** Of offsets and counts are 8 bytes long (BigTIFF). */
  readonly isBig: boolean;
}
type Directory = ReadonlyMap<number, readonly number[]>;

/**
 * Reads the first directory of a TIFF or BigTIFF, wherever in the file it lies, and where its strips or tiles end. What libtiff
 * or Pillow would read otherwise than the other, or as black, is refused: samples that are no whole numbers of up to 16 bits,
 * colours of Lab, YCbCr without JPEG, and thumbnails that stand first in raw files of cameras.
 */
export function* parseTiffHeader(): HeaderParser {
  const start = yield* take(0, 8);
  const isLittle = start.getUint8(0) === 0x49;
  const isBig = start.getUint16(2, isLittle) === 43;
  const shape = { isLittle, isBig };
  const at = isBig ? wide(yield* take(8, 8), 0, isLittle) : start.getUint32(4, isLittle);
  const directory = yield* readDirectory(shape, at);
  if (typeof directory === 'string') return fault(directory);
  const one = (tag: number, otherwise: number): number => directory.get(tag)?.[0] ?? otherwise;

  const [width, height, colours] = [one(TAG.width, 0), one(TAG.height, 0), one(TAG.colours, -1)];
  if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE) return fault(`a size of ${width}x${height}`);
  if ((one(TAG.subfile, 0) & 1) === 1) return fault('its first picture is a thumbnail, as in raw files of cameras');
  const numSamples = one(TAG.samples, 1);
  const reason = unreadable(directory, { colours, coding: one(TAG.coding, 1), numSamples });
  if (reason !== null) return fault(reason);

  const [offsets, lengths] = directory.has(TAG.tileOffsets)
    ? [directory.get(TAG.tileOffsets), directory.get(TAG.tileLengths)]
    : [directory.get(TAG.stripOffsets), directory.get(TAG.stripLengths)];
  if (offsets === undefined || lengths === undefined || offsets.length !== lengths.length) {
    return fault('it does not say where its pixels lie');
  }
  const orientation = one(TAG.orientation, 1);
  const numColours = colours === PALETTE ? 3 : (COLOURS[colours] ?? 0);
  return {
    kind: 'header',
    header: {
      format: 'tiff',
      width,
      height,
      numComponents: numSamples > (COLOURS[colours] ?? 0) ? numColours + 1 : numColours,
      isCmyk: colours === CMYK,
      end: { kind: 'size', bytes: offsets.reduce((end, from, part) => Math.max(end, from + (lengths[part] ?? 0)), 0) },
      orientation: orientation >= 1 && orientation <= 8 ? orientation : 1,
      hasProfile: directory.has(TAG.profile),
    },
  };
}

interface Samples {
  readonly colours: number;
  readonly coding: number;
  readonly numSamples: number;
}

function unreadable(directory: Directory, { colours, coding, numSamples }: Samples): string | null {
  if (!CODINGS.has(coding)) {
    return `it is compressed by ${OTHER_CODINGS[coding] ?? `method ${coding}`}; store it with LZW or deflate`;
  }
  const numColours = COLOURS[colours];
  if (numColours === undefined) return `its colours are of kind ${colours}, neither grey, RGB, palette nor CMYK`;
  if (colours === YCBCR && coding !== JPEG_CODING) return 'its colours are YCbCr without JPEG';
  const most = colours === CMYK ? numColours : numColours + 1;
  if (numSamples < numColours || numSamples > most) return `${numSamples} samples a pixel`;
  const formats = directory.get(TAG.sampleFormat) ?? [];
  if (formats.some((format) => format !== 1)) return 'its samples are signed or floating-point numbers';
  const bits = directory.get(TAG.bits) ?? [1];
  const most16 = colours === CMYK ? [8] : [1, 2, 4, 8, 16];
  const odd = bits.find((each) => !most16.includes(each) || each !== bits[0]);
  return odd === undefined ? null : `${bits.join(', ')} bits a sample`;
}

/** The wanted tags of the directory at byte `at`, whole numbers each. */
function* readDirectory({ isLittle, isBig }: TiffShape, at: number): RangeParser<Directory | string> {
  const countBytes = isBig ? 8 : 2;
  const head = yield* take(at, countBytes);
  const numEntries = isBig ? wide(head, 0, isLittle) : head.getUint16(0, isLittle);
  if (numEntries > MAX_ENTRIES) return `a directory of ${numEntries} entries`;
  const entryBytes = isBig ? 20 : 12;
  const entries = yield* take(at + countBytes, numEntries * entryBytes);
  const directory = new Map<number, readonly number[]>();
  for (let entry = 0; entry < numEntries; entry += 1) {
    const from = entry * entryBytes;
    const tag = entries.getUint16(from, isLittle);
    const type = entries.getUint16(from + 2, isLittle);
    const valueBytes = TYPE_BYTES[type];
    if (!WANTED.has(tag)) continue;
    if (valueBytes === undefined) return `tag ${tag} is of type ${type}`;
    if (tag === TAG.profile) {
      directory.set(tag, []);
      continue;
    }
    const count = isBig ? wide(entries, from + 4, isLittle) : entries.getUint32(from + 4, isLittle);
    if (count > MAX_VALUES) return `tag ${tag} has ${count} values`;
    const field = from + (isBig ? 12 : 8);
    const isInside = count * valueBytes <= (isBig ? 8 : 4);
    const offset = isBig ? wide(entries, field, isLittle) : entries.getUint32(field, isLittle);
    const values = isInside ? entries : yield* take(offset, count * valueBytes);
    const first = isInside ? field : 0;
    directory.set(
      tag,
      Array.from({ length: count }, (_, each) => valueOf(values, first + each * valueBytes, { valueBytes, isLittle })),
    );
  }
  return directory;
}

function valueOf(
  view: DataView,
  at: number,
  { valueBytes, isLittle }: { readonly valueBytes: number; readonly isLittle: boolean },
): number {
  if (valueBytes === 1) return view.getUint8(at);
  if (valueBytes === 2) return view.getUint16(at, isLittle);
  return valueBytes === 4 ? view.getUint32(at, isLittle) : wide(view, at, isLittle);
}

/** Eight bytes as a number, which is exact up to 2^53. */
function wide(view: DataView, at: number, isLittle: boolean): number {
  return Number(view.getBigUint64(at, isLittle));
}

function fault(reason: string): HeaderParse {
  return { kind: 'fault', reason: `damaged or unsupported TIFF: ${reason}` };
}
