import { KernelMemory } from '#vectors';
import { SharedSegment, type SegmentLocation } from '../shared-memory/shared-segment.js';
import { NUM_PUSHES, segmentBytes, Slots } from '../shared-memory/slots.js';
import { systemCalls } from '../shared-memory/system-calls.js';

/** Sums in it: five rounds of ResNet-50 on one server. More of them lie in memory that is not shared. */
const NUM_SUMS = 512;
/** Participants of this host that share memory at once; others send through the socket. */
const MAX_PARTICIPANTS = 24;

const HEADER_BYTES = segmentBytes(0);
const SUMS_BYTES = segmentBytes(NUM_SUMS);
const PUSHES_BYTES = segmentBytes(NUM_PUSHES);

/**
 * Memory in which a server adds what participants of its host have pushed, without a copy: their segments and one for its
 * sums, which they all read, are mapped over memory of WebAssembly. Address space of 2 GiB, and so much memory as is used.
 */
export class ServerMemory {
  readonly sums: Slots;
  /** Where participants find the sums. */
  readonly location: SegmentLocation;
  readonly #memory: KernelMemory;
  readonly #closeFile: () => void;
  #isClosed = false;
  /** Where participants' segments may be mapped. */
  readonly #spare = new Set(Array.from({ length: MAX_PARTICIPANTS }, (_, index) => SUMS_BYTES + index * PUSHES_BYTES));

  /** Address space of servers of this process that are closed: a new one would have the garbage collector look at everything. */
  static readonly #unused: KernelMemory[] = [];

  private constructor(memory: KernelMemory, made: NonNullable<ReturnType<typeof SharedSegment.create>>) {
    this.#memory = memory;
    this.sums = new Slots(made.segment);
    this.location = made.location;
    this.#closeFile = made.opened;
  }

  /** Null where the system has no such memory. */
  static create(): ServerMemory | null {
    if (systemCalls() === null) return null;
    try {
      const memory = ServerMemory.#unused.pop() ?? new KernelMemory(SUMS_BYTES + MAX_PARTICIPANTS * PUSHES_BYTES);
      const pages = new Uint8Array(memory.buffer, 0, SUMS_BYTES);
      const made = SharedSegment.create(SUMS_BYTES, { pages, giveBack: () => undefined });
      return made && new ServerMemory(memory, made);
    } catch (error) {
      // A limit on the process's address space.
      if (error instanceof RangeError) return null;
      throw error;
    }
  }

  /** Opens a participant's segment; null where it cannot be had, or there is no room for it. */
  open(location: SegmentLocation): Slots | null {
    const [offset] = this.#spare;
    if (offset === undefined || location.bytes !== PUSHES_BYTES) return null;
    const pages = new Uint8Array(this.#memory.buffer, offset, PUSHES_BYTES);
    const segment = SharedSegment.open(location, { pages, giveBack: () => this.#givenBack(offset) });
    if (segment === null) return null;
    this.#spare.delete(offset);
    return new Slots(segment);
  }

  /** No sum is in use: gives their memory back to the system. */
  trim(): void {
    systemCalls()?.discard(new Uint8Array(this.#memory.buffer, HEADER_BYTES, SUMS_BYTES - HEADER_BYTES));
  }

  /** No slab is used any more. */
  close(): void {
    this.#closeFile();
    this.sums.close();
    this.#isClosed = true;
    this.#endIfUnused();
  }

  #givenBack(offset: number): void {
    this.#spare.add(offset);
    this.#endIfUnused();
  }

  #endIfUnused(): void {
    if (this.#isClosed && this.#spare.size === MAX_PARTICIPANTS) ServerMemory.#unused.push(this.#memory);
  }
}
