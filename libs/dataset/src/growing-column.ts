import type { StringColumn } from './string-column.js';

type Numbers = Uint8Array | Uint16Array | Int32Array | Uint32Array | Float64Array;

/** A column of numbers that grows by doubling and ends up in shared memory. */
export class GrowingColumn<Column extends Numbers> {
  readonly #make: (buffer: ArrayBuffer | SharedArrayBuffer) => Column;
  readonly #bytesEach: number;
  #values: Column;
  #length = 0;

  constructor(make: (buffer: ArrayBuffer | SharedArrayBuffer) => Column) {
    this.#make = make;
    this.#bytesEach = make(new ArrayBuffer(8)).BYTES_PER_ELEMENT;
    this.#values = make(new ArrayBuffer(1024 * this.#bytesEach));
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    this.#reserve(1);
    this.#values[this.#length] = value;
    this.#length += 1;
  }

  append(values: Column): void {
    this.#reserve(values.length);
    this.#values.set(values, this.#length);
    this.#length += values.length;
  }

  /** The column so far, in memory that threads share. */
  shared(): Column {
    const column = this.#make(new SharedArrayBuffer(this.#length * this.#bytesEach));
    column.set(this.#values.subarray(0, this.#length));
    return column;
  }

  #reserve(more: number): void {
    let capacity = this.#values.length;
    if (this.#length + more <= capacity) return;
    while (this.#length + more > capacity) capacity *= 2;
    const grown = this.#make(new ArrayBuffer(capacity * this.#bytesEach));
    grown.set(this.#values.subarray(0, this.#length));
    this.#values = grown;
  }
}

/** Strings that become a StringColumn. */
export class GrowingStrings {
  readonly #bytes = new GrowingColumn((buffer) => new Uint8Array(buffer));
  readonly #ends = new GrowingColumn((buffer) => new Uint32Array(buffer));
  readonly #encoder = new TextEncoder();

  push(text: string): void {
    this.#bytes.append(this.#encoder.encode(text));
    this.#ends.push(this.#bytes.length);
  }

  shared(): StringColumn {
    return { bytes: this.#bytes.shared(), ends: this.#ends.shared() };
  }
}
