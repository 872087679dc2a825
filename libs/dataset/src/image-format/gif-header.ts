import { parseBytes, take, type HeaderParser, type RangeParser } from './range-parser.js';

/** Where the first frame of a GIF lies, in the file and on its screen. */
export interface GifFrame {
  readonly screenWidth: number;
  readonly screenHeight: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Byte of the colours that the frame is drawn in, three bytes each. */
  readonly palette: number;
  /** The colour that is not drawn, and the byte whose lowest bit says that there is one. */
  readonly transparency: { readonly index: number; readonly flagAt: number } | null;
  /** Byte behind the frame's data. */
  readonly end: number;
}

const [EXTENSION, FRAME] = [0x21, 0x2c];
const GRAPHIC_CONTROL = 0xf9;
/** Pieces in which the chain of sub-blocks is read: each is at most 256 bytes long. */
const PIECE_BYTES = 4096;
/** No first frame is longer. */
const MAX_FRAME_BYTES = 64 * 1024 * 1024;

/** Reads a GIF (87a, 89a) up to the end of its first frame; the pictures after it are of no concern. */
export function* parseGifHeader(): HeaderParser {
  const frame = yield* readGifFrame();
  if (typeof frame === 'string') return { kind: 'fault', reason: `damaged or unsupported GIF: ${frame}` };
  return {
    kind: 'header',
    header: {
      format: 'gif',
      width: frame.screenWidth,
      height: frame.screenHeight,
      numComponents: frame.transparency === null ? 3 : 4,
      isCmyk: false,
      end: { kind: 'size', bytes: frame.end },
      orientation: 1,
      hasProfile: false,
    },
  };
}

/** Where the first frame lies of a GIF in memory whose header is sound. */
export function firstGifFrame(bytes: Uint8Array): GifFrame {
  const frame = parseBytes(bytes, readGifFrame());
  if (typeof frame === 'string') throw new Error(frame);
  return frame;
}

/** The first frame, or what is wrong. */
function* readGifFrame(): RangeParser<GifFrame | string> {
  const screen = yield* take(0, 13);
  const [screenWidth, screenHeight] = [screen.getUint16(6, true), screen.getUint16(8, true)];
  const shared = paletteAt(13, screen.getUint8(10));
  let transparency: GifFrame['transparency'] = null;
  let at = 13 + shared.numColours * 3;
  for (;;) {
    const kind = (yield* take(at, 1)).getUint8(0);
    if (kind === EXTENSION) {
      const head = yield* take(at, 8);
      if (head.getUint8(1) === GRAPHIC_CONTROL && head.getUint8(2) >= 4) {
        transparency = (head.getUint8(3) & 1) === 0 ? null : { index: head.getUint8(6), flagAt: at + 3 };
      }
      at = yield* endOfBlocks(at + 2);
    } else if (kind === FRAME) {
      const head = yield* take(at, 10);
      const [left, top] = [head.getUint16(1, true), head.getUint16(3, true)];
      const [width, height] = [head.getUint16(5, true), head.getUint16(7, true)];
      if (width < 1 || height < 1) return `a first frame of ${width}x${height}`;
      if (left + width > screenWidth || top + height > screenHeight) return 'its first frame is larger than its screen';
      const own = paletteAt(at + 10, head.getUint8(9));
      const palette = own.palette ?? shared.palette;
      if (palette === null) return 'it has no colours';
      const end = yield* endOfBlocks(at + 10 + own.numColours * 3 + 1);
      return { screenWidth, screenHeight, left, top, width, height, palette, transparency, end };
    } else {
      return kind === 0x3b ? 'it ends before any picture data' : `no block begins at byte ${at}`;
    }
  }
}

function paletteAt(at: number, flags: number): { readonly palette: number | null; readonly numColours: number } {
  return (flags & 0x80) === 0 ? { palette: null, numColours: 0 } : { palette: at, numColours: 2 << (flags & 7) };
}

/** Where a chain of sub-blocks ends that begins at `from`: each a length and so many bytes, and a length of 0. */
function* endOfBlocks(from: number): RangeParser<number> {
  let at = from;
  let piece: { readonly from: number; readonly bytes: Uint8Array } = { from, bytes: new Uint8Array() };
  while (at - from < MAX_FRAME_BYTES) {
    if (at >= piece.from + piece.bytes.length) piece = { from: at, bytes: yield { from: at, length: PIECE_BYTES } };
    const length = piece.bytes[at - piece.from] ?? (yield* take(at, 1)).getUint8(0);
    at += 1 + length;
    if (length === 0) return at;
  }
  return at;
}
