import { closeSync, openSync, readSync, statSync, truncateSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { isMissing } from '#files';

/** What a store holds is not what was written there; it is rebuilt from its source. */
export class DamagedStoreError extends Error {
  override readonly name = 'DamagedStoreError';
}

/** The bytes of a block, and the same ones as numbers. */
export interface Block {
  readonly bytes: Buffer;
  readonly numbers: Float64Array;
}

/** A block as it was at some moment, on its way to the disk. */
interface BlockCopy {
  readonly index: number;
  readonly bytes: Buffer;
}

/** CRC-32, and a mark that tells a block from a hole in the file. */
const TRAILER_BYTES = 8;
const MARK = 0x534b4c42;
/** Blocks read at once by whoever reads one after the other. */
const WINDOW_BLOCKS = 64;
/** Clean blocks kept: those written last, and those read last but one after the other. */
const MOST_CLEAN = 32;

/**
 * A file of blocks of one size. Blocks that were edited stay in memory until they are written. Reads are synchronous: a
 * block is some kilobytes of a local disk, a request needs a thousand of them, and a turn of the event loop for each
 * would cost more than the reading. No file is open between two calls. Without a path everything stays in memory.
 */
export class BlockFile {
  readonly #path: string | null;
  readonly #blockBytes: number;
  readonly #edited = new Map<number, Block>();
  /** Edited since the last copies were made. */
  readonly #editedSince = new Set<number>();
  readonly #clean = new Map<number, Block>();
  #fd: number | undefined;
  #window: { readonly first: number; readonly bytes: Uint8Array<ArrayBuffer> } | undefined;
  #lastRead = -2;
  #lastBlock: Block | undefined;

  constructor(path: string | null, blockBytes: number) {
    this.#path = path;
    this.#blockBytes = blockBytes;
  }

  get numEdited(): number {
    return this.#edited.size;
  }

  /** Undefined where nobody has written one. Throws DamagedStoreError. */
  read(index: number): Block | undefined {
    const held = this.#edited.get(index) ?? this.#clean.get(index);
    if (held !== undefined) return held;
    return this.reading(() => this.#load(index));
  }

  /** The block, to be changed; zeros where there was none. Throws DamagedStoreError. */
  edit(index: number): Block {
    this.#editedSince.add(index);
    let block = this.#edited.get(index);
    if (block === undefined) {
      const bytes = new Uint8Array(this.#blockBytes);
      bytes.set(this.read(index)?.bytes ?? []);
      block = blockOf(bytes);
      this.#clean.delete(index);
      this.#edited.set(index, block);
    }
    return block;
  }

  /** Opens the file once for all reads of `work`. */
  reading<T>(work: () => T): T {
    if (this.#fd !== undefined || this.#path === null) return work();
    try {
      this.#fd = openSync(this.#path, 'r');
    } catch (error) {
      if (!isMissing(error)) throw error;
      return work();
    }
    try {
      return work();
    } finally {
      closeSync(this.#fd);
      this.#fd = undefined;
      this.#window = undefined;
      this.#lastRead = -2;
      this.#lastBlock = undefined;
    }
  }

  /** Throws away the blocks from `numBlocks` on. */
  truncate(numBlocks: number): void {
    for (const blocks of [this.#edited, this.#clean])
      for (const index of blocks.keys()) if (index >= numBlocks) blocks.delete(index);
    if (this.#path === null) return;
    const size = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
    if (size > numBlocks * this.#strideBytes) truncateSync(this.#path, numBlocks * this.#strideBytes);
  }

  /** What was edited, as it is now; for `write`. */
  copies(): BlockCopy[] {
    this.#editedSince.clear();
    return [...this.#edited]
      .map(([index, { bytes }]) => ({ index, bytes: Buffer.from(bytes) }))
      .sort((left, right) => left.index - right.index);
  }

  /** Puts the copies on disk; blocks that were not edited since then may leave the memory. */
  async write(copies: readonly BlockCopy[]): Promise<void> {
    if (this.#path === null || copies.length === 0) return;
    const file = await openOrMake(this.#path);
    try {
      for (const run of adjacent(copies)) {
        const bytes = Buffer.concat(run.flatMap((copy) => [copy.bytes, trailerOf(copy.bytes)]));
        await file.write(bytes, 0, bytes.length, (run[0]?.index ?? 0) * this.#strideBytes);
      }
      await file.datasync();
    } finally {
      await file.close();
    }
    for (const { index } of copies) {
      const block = this.#edited.get(index);
      if (block === undefined || this.#editedSince.has(index)) continue;
      this.#edited.delete(index);
      this.#keep(index, block);
    }
  }

  get #strideBytes(): number {
    return this.#blockBytes + TRAILER_BYTES;
  }

  #keep(index: number, block: Block): void {
    this.#clean.set(index, block);
    for (const oldest of this.#clean.keys()) {
      if (this.#clean.size <= MOST_CLEAN) return;
      this.#clean.delete(oldest);
    }
  }

  /** Whoever reads row by row gets one block many times: it is checked the first time. */
  #load(index: number): Block | undefined {
    if (this.#fd === undefined) return undefined;
    if (index === this.#lastRead) return this.#lastBlock;
    this.#lastBlock = this.#loadFrom(this.#fd, index);
    this.#lastRead = index;
    return this.#lastBlock;
  }

  #loadFrom(fd: number, index: number): Block | undefined {
    const stride = this.#strideBytes;
    const isNext = index === this.#lastRead + 1;
    const inWindow = this.#window && (index - this.#window.first) * stride;
    if (this.#window !== undefined && inWindow !== undefined && inWindow >= 0 && inWindow < this.#window.bytes.length)
      return this.#checked(this.#window.bytes.subarray(inWindow, inWindow + stride), index);
    const bytes = new Uint8Array((isNext ? WINDOW_BLOCKS : 1) * stride);
    const read = bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, index * stride));
    const block = this.#checked(read.subarray(0, stride), index);
    if (isNext) this.#window = { first: index, bytes: read };
    // A block of a window would keep the whole window in memory.
    else if (block !== undefined) this.#keep(index, block);
    return block;
  }

  #checked(bytes: Uint8Array<ArrayBuffer>, index: number): Block | undefined {
    if (bytes.length < this.#strideBytes) return undefined;
    const trailer = Buffer.from(bytes.buffer, bytes.byteOffset + this.#blockBytes, TRAILER_BYTES);
    const mark = trailer.readUInt32LE(4);
    if (mark === 0) return undefined;
    const payload = bytes.subarray(0, this.#blockBytes);
    if (mark !== MARK || crc32(payload) !== trailer.readUInt32LE(0))
      throw new DamagedStoreError(`block ${index} of ${this.#path} is damaged`);
    return blockOf(payload);
  }
}

function blockOf({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>): Block {
  return {
    bytes: Buffer.from(buffer, byteOffset, byteLength),
    numbers: new Float64Array(buffer, byteOffset, Math.floor(byteLength / 8)),
  };
}

function trailerOf(bytes: Buffer): Buffer {
  const trailer = Buffer.alloc(TRAILER_BYTES);
  trailer.writeUInt32LE(crc32(bytes), 0);
  trailer.writeUInt32LE(MARK, 4);
  return trailer;
}

async function openOrMake(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r+');
  } catch (error) {
    if (!isMissing(error)) throw error;
    return await open(path, 'w+');
  }
}

/** Copies that lie one behind the other, at most a window of them. */
function adjacent(copies: readonly BlockCopy[]): BlockCopy[][] {
  const runs: BlockCopy[][] = [];
  for (const copy of copies) {
    const run = runs.at(-1);
    if (run !== undefined && run.length < WINDOW_BLOCKS && run.at(-1)?.index === copy.index - 1) run.push(copy);
    else runs.push([copy]);
  }
  return runs;
}
