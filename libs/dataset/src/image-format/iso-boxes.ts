import { fourCharacters } from './range-parser.js';

/** A box of an ISO media file (ISO/IEC 14496-12): a length, four characters, content. */
export interface IsoBox {
  readonly type: string;
  readonly content: DataView;
}

/** Length and type of a box; the length may be given in eight bytes behind them. */
export const BOX_BYTES = 8;

/** The boxes that fill a view one after the other; what does not fit any more ends them. */
export function boxesIn(view: DataView, from = 0): readonly IsoBox[] {
  const boxes: IsoBox[] = [];
  for (let at = from; at + BOX_BYTES <= view.byteLength;) {
    const length = view.getUint32(at);
    const end = length === 0 ? view.byteLength : at + length;
    if (length === 1 || end < at + BOX_BYTES || end > view.byteLength) break;
    const content = new DataView(view.buffer, view.byteOffset + at + BOX_BYTES, end - at - BOX_BYTES);
    boxes.push({ type: fourCharacters(view, at + 4), content });
    at = end;
  }
  return boxes;
}

/** The content of the first box of a type. */
export function boxIn(view: DataView, type: string, from = 0): DataView | undefined {
  return boxesIn(view, from).find((box) => box.type === type)?.content;
}

/** Reads numbers one after the other. Throws RangeError past the end. */
export class NumberReader {
  #at: number;

  constructor(
    readonly view: DataView,
    at = 0,
  ) {
    this.#at = at;
  }

  /** An unsigned number of 0 (which is 0), 1, 2, 4 or 8 bytes. */
  take(numBytes: number): number {
    const at = this.#at;
    this.#at += numBytes;
    switch (numBytes) {
      case 0:
        return 0;
      case 1:
        return this.view.getUint8(at);
      case 2:
        return this.view.getUint16(at);
      case 4:
        return this.view.getUint32(at);
      case 8:
        return Number(this.view.getBigUint64(at));
      default:
        throw new RangeError(`a number of ${numBytes} bytes`);
    }
  }
}
