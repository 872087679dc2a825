import type { HeaderParse } from './header-parse.js';
import { BOX_BYTES, boxesIn, boxIn, NumberReader, type IsoBox } from './iso-boxes.js';
import { fourCharacters, take, type HeaderParser } from './range-parser.js';

/** Boxes are looked through for `meta`, which stands first or behind the picture data. */
const MAX_BOXES = 64;
const MAX_META_BYTES = 16 * 1024 * 1024;
const ALPHA = 'urn:mpeg:mpegB:cicp:systems:auxiliary:alpha';

/**
 * The EXIF orientation that turns and mirrors alike, by `angle` (quarter turns against the clock) and mirror: none, top and
 * bottom swapped, left and right swapped (ISO/IEC 23008-12, 6.5.10 and 6.5.12; libavif's table).
 */
const ORIENTATIONS: readonly (readonly [number, number, number])[] = [
  [1, 4, 2],
  [8, 5, 7],
  [3, 2, 4],
  [6, 7, 5],
];

/** Whether bytes begin an ISO media file that says it is an AVIF still, and no film first of all. */
export function looksLikeAvif(start: Uint8Array): boolean {
  const brands = brandsOf(start);
  return brands.includes('avif') && brands[0] !== 'avis';
}

/** Brands of an ISO media file as far as its first bytes have them; none where it is no such file. */
export function brandsOf(start: Uint8Array): readonly string[] {
  const text = String.fromCharCode(...start.subarray(4, 64));
  if (!text.startsWith('ftyp') || start.length < 16) return [];
  const length = new DataView(start.buffer, start.byteOffset).getUint32(0) - BOX_BYTES;
  const brands = text.slice(4, 4 + length).match(/[^]{4}/g) ?? [];
  // The second four bytes are a version.
  return brands.filter((_, at) => at !== 1);
}

/** Reads the `meta` box of an AVIF: size, turn, bits and profile of its primary item, and where the data of its items end. */
export function* parseAvifHeader(): HeaderParser {
  let at = 0;
  for (let box = 0; box < MAX_BOXES; box += 1) {
    const head = yield* take(at, BOX_BYTES);
    const [short, type] = [head.getUint32(0), fourCharacters(head, 4)];
    const isLong = short === 1;
    const length = isLong ? Number((yield* take(at + BOX_BYTES, 8)).getBigUint64(0)) : short;
    if (length < (isLong ? 2 * BOX_BYTES : BOX_BYTES)) return fault('it has no meta box');
    if (type === 'meta') {
      if (length > MAX_META_BYTES) return fault(`a meta box of ${length} bytes`);
      const headBytes = isLong ? 2 * BOX_BYTES : BOX_BYTES;
      const meta = yield* take(at + headBytes, length - headBytes);
      try {
        return readMeta(meta);
      } catch (error) {
        if (error instanceof RangeError) return fault('its meta box is cut short');
        throw error;
      }
    }
    at += length;
  }
  return fault('it has no meta box');
}

function readMeta(meta: DataView): HeaderParse {
  // Version and flags stand before the boxes.
  const inside = (type: string): DataView | undefined => boxIn(meta, type, 4);
  const [pitm, iprp, iloc] = [inside('pitm'), inside('iprp'), inside('iloc')];
  if (pitm === undefined || iprp === undefined || iloc === undefined) return fault('boxes of its meta box are missing');
  const primary = pitm.getUint8(0) === 0 ? pitm.getUint16(4) : pitm.getUint32(4);
  const container = boxIn(iprp, 'ipco');
  if (container === undefined) return fault('it has no properties');
  const all = boxesIn(container);
  const own = propertiesOf(primary, iprp, all);
  const property = (type: string): DataView | undefined => own.find((box) => box.type === type)?.content;
  const size = property('ispe');
  if (size === undefined) return fault('its primary picture has no size');
  if (property('clap') !== undefined) return fault('its picture is cropped by a clean aperture (clap)');
  // Of a picture made of tiles, the tiles have the bits.
  if (all.some((box) => box.type === 'av1C' && (box.content.getUint8(2) & 0x40) !== 0)) {
    return fault('10 or 12 bits a channel, not 8');
  }
  const [angle, mirror] = [property('irot'), property('imir')];
  const turns = ORIENTATIONS[(angle?.getUint8(0) ?? 0) & 3];
  const hasAlpha = all.some(({ type, content }) => type === 'auxC' && textOf(content).includes(ALPHA));
  const isGrey = own.some((box) => box.type === 'av1C' && (box.content.getUint8(2) & 0x10) !== 0);
  return {
    kind: 'header',
    header: {
      format: 'avif',
      width: size.getUint32(4),
      height: size.getUint32(8),
      numComponents: (isGrey ? 1 : 3) + Number(hasAlpha),
      isCmyk: false,
      end: { kind: 'size', bytes: endOfItems(iloc) },
      orientation: turns?.[mirror === undefined ? 0 : 1 + (mirror.getUint8(0) & 1)] ?? 1,
      hasProfile: own.some(({ type, content }) => type === 'colr' && /^(prof|rICC)/.test(textOf(content))),
    },
  };
}

/** The properties that are associated with an item, in their order. */
function propertiesOf(item: number, iprp: DataView, all: readonly IsoBox[]): readonly IsoBox[] {
  for (const { type, content } of boxesIn(iprp)) {
    if (type !== 'ipma') continue;
    const isWide = (content.getUint8(3) & 1) === 1;
    const reader = new NumberReader(content, 4);
    const idBytes = content.getUint8(0) === 0 ? 2 : 4;
    for (let left = reader.take(4); left > 0; left -= 1) {
      const id = reader.take(idBytes);
      const numbers = Array.from({ length: reader.take(1) }, () =>
        isWide ? reader.take(2) & 0x7fff : reader.take(1) & 0x7f,
      );
      if (id === item) return numbers.flatMap((number) => all[number - 1] ?? []);
    }
  }
  return [];
}

/** The byte behind the last byte of any item that lies in the file. */
function endOfItems(iloc: DataView): number {
  const version = iloc.getUint8(0);
  const reader = new NumberReader(iloc, 4);
  const [sizes, more] = [reader.take(1), reader.take(1)];
  const [offsetBytes, lengthBytes, baseBytes] = [sizes >> 4, sizes & 15, more >> 4];
  const indexBytes = version === 0 ? 0 : more & 15;
  const idBytes = version < 2 ? 2 : 4;
  let end = 0;
  for (let left = reader.take(idBytes); left > 0; left -= 1) {
    reader.take(idBytes);
    const isInFile = version === 0 || (reader.take(2) & 15) === 0;
    reader.take(2);
    const base = reader.take(baseBytes);
    for (let extents = reader.take(2); extents > 0; extents -= 1) {
      reader.take(indexBytes);
      const offset = reader.take(offsetBytes);
      const length = reader.take(lengthBytes);
      if (isInFile) end = Math.max(end, base + offset + length);
    }
  }
  return end;
}

function textOf(view: DataView): string {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString('latin1');
}

function fault(reason: string): HeaderParse {
  return { kind: 'fault', reason: `damaged or unsupported AVIF: ${reason}` };
}
