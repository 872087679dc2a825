/** Beside the memory itself: whether it is lent, and a mark that no other shared memory has. Keeps what follows aligned. */
const HEADER_BYTES = 64;
const MARK = 0x534b4c4d;

export interface LentMemoryOptions {
  /** Bytes of every block: the most that can be taken at once. */
  readonly blockBytes: number;
  /** Blocks remembered. Of more that are lent at once the oldest is left to the garbage collector. */
  readonly maxBlocks: number;
}

/**
 * Shared memory for large arrays that threads hand on: one thread fills it, another one uses it up and gives it back by
 * `freeMemory`, and it is taken again. Nothing is copied, cleared or counted by a garbage collector on the way.
 *
 * Whoever takes memory sees that it is given back once, by its last user. Memory that never comes back is replaced.
 */
export class LentMemory {
  readonly #options: LentMemoryOptions;
  readonly #blocks: SharedArrayBuffer[] = [];

  constructor(options: LentMemoryOptions) {
    this.#options = options;
  }

  /** An array that is the caller's until it, or a view that begins where it does, is freed. Its bytes are those of before. */
  take(numBytes: number): Uint8Array<SharedArrayBuffer> {
    const { blockBytes, maxBlocks } = this.#options;
    if (numBytes > blockBytes) throw new RangeError(`${numBytes} bytes were asked of blocks of ${blockBytes}`);
    const block = this.#blocks.find((each) => Atomics.compareExchange(headerOf(each), 0, FREE, LENT) === FREE);
    if (block) return new Uint8Array(block, HEADER_BYTES, numBytes);
    const added = new SharedArrayBuffer(HEADER_BYTES + blockBytes);
    headerOf(added).set([LENT, MARK]);
    if (this.#blocks.length >= maxBlocks) this.#blocks.shift();
    this.#blocks.push(added);
    return new Uint8Array(added, HEADER_BYTES, numBytes);
  }

  /** Leaves an array to the garbage collector: somebody may still write to it. */
  forget({ buffer }: Uint8Array<SharedArrayBuffer>): void {
    const at = this.#blocks.indexOf(buffer);
    if (at >= 0) this.#blocks.splice(at, 1);
  }
}

const FREE = 0;
const LENT = 1;

const headerOf = (block: SharedArrayBuffer): Int32Array => new Int32Array(block, 0, 2);

/** Gives lent memory back, from any thread; other shared memory is left as it is. */
export function giveBack(buffer: SharedArrayBuffer, byteOffset: number): void {
  if (byteOffset !== HEADER_BYTES) return;
  const header = headerOf(buffer);
  if (header[1] === MARK) Atomics.store(header, 0, FREE);
}
