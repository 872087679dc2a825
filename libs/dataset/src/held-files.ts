import { closeFile, openFile, readOpen, type SliceRange } from './read-slice.js';

/** Of as many shards as a data set of a million photos has, every second one is open. */
const MOST_HELD = 64;
/** A shard that was deleted takes its place on the disk until it is closed. */
const IDLE_MS = 5_000;

interface Held {
  readonly file: Promise<number>;
  numReading: number;
  wasUsed: boolean;
  isLetGo: boolean;
}

/**
 * Reads files of which samples are slices, and holds those open that were read last: opening and closing cost more than half
 * of reading a photo. A file that nobody has read for some seconds is closed. Errors of closing tell nothing about what was read.
 */
export class HeldFiles {
  readonly #held = new Map<string, Held>();
  readonly #mostHeld: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(mostHeld = MOST_HELD) {
    this.#mostHeld = mostHeld;
  }

  /** As `readSlice`. `isSuspect`: the file is opened anew. */
  async read(path: string, bytes: Uint8Array, range: SliceRange & { readonly isSuspect: boolean }): Promise<number> {
    if (range.isSuspect) this.#letGo(path);
    const held = this.#hold(path);
    held.numReading += 1;
    held.wasUsed = true;
    try {
      return await readOpen(await held.file, bytes, range);
    } catch (error) {
      if (this.#held.get(path) === held) this.#letGo(path);
      throw error;
    } finally {
      held.numReading -= 1;
      if (held.isLetGo) closeUnused(held);
    }
  }

  /** What is being read is closed afterwards. */
  close(): void {
    for (const path of this.#held.keys()) this.#letGo(path);
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #hold(path: string): Held {
    const known = this.#held.get(path);
    // What was used last lies last.
    if (known !== undefined) this.#held.delete(path);
    const held = known ?? { file: openFile(path), numReading: 0, wasUsed: true, isLetGo: false };
    this.#held.set(path, held);
    for (const first of this.#held.keys()) {
      if (this.#held.size <= this.#mostHeld) break;
      this.#letGo(first);
    }
    this.#timer ??= setInterval(() => this.#letGoOfIdle(), IDLE_MS).unref();
    return held;
  }

  #letGoOfIdle(): void {
    for (const [path, held] of this.#held) {
      if (!held.wasUsed && held.numReading === 0) this.#letGo(path);
      held.wasUsed = false;
    }
    if (this.#held.size === 0) this.close();
  }

  #letGo(path: string): void {
    const held = this.#held.get(path);
    if (held === undefined) return;
    this.#held.delete(path);
    held.isLetGo = true;
    closeUnused(held);
  }
}

function closeUnused({ file, numReading }: Held): void {
  if (numReading === 0) void file.then(closeFile).catch(() => undefined);
}
