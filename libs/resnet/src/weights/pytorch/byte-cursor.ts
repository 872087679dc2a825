import { RefusedInputError } from '#contracts';

/** Reads bytes one after the other; refuses to read behind their end. */
export class ByteCursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  byte(): number {
    return this.#view.getUint8(this.#forward(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#forward(2), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#forward(4), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#forward(4), true);
  }

  /** A length; one that no file has is beyond any end. */
  uint64(): number {
    return Number(this.#view.getBigUint64(this.#forward(8), true));
  }

  /** Big-endian, as pickles write floats. */
  float64(): number {
    return this.#view.getFloat64(this.#forward(8));
  }

  /** Of any length: two's complement. */
  integer(length: number): number | bigint {
    if (length === 0) return 0;
    const digits = Buffer.from(this.bytes(length)).toReversed();
    const value = BigInt.asIntN(length * 8, BigInt(`0x${Buffer.from(digits).toString('hex')}`));
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }

  bytes(length: number): Uint8Array {
    const at = this.#forward(length);
    return this.#bytes.subarray(at, at + length);
  }

  text(length: number, encoding: 'utf-8' | 'latin1'): string {
    const bytes = this.bytes(length);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(encoding);
  }

  /** Up to the next line feed, which is taken as well. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#position);
    if (end < 0) throw new RefusedInputError('a damaged pickle: a line without an end');
    const text = this.text(end - this.#position, 'utf-8');
    this.#forward(1);
    return text;
  }

  #forward(length: number): number {
    const at = this.#position;
    if (at + length > this.#bytes.length) {
      throw new RefusedInputError(`a damaged pickle: it ends at byte ${this.#bytes.length}, in the middle of a value`);
    }
    this.#position = at + length;
    return at;
  }
}
