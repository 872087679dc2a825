import { unpackBfloat16 } from '#vectors';
import { bytesOf, ChunkBuffers } from '../wire/chunk-buffers.js';
import type { ServerFrame } from '../wire/frame.schema.js';
import { ProtocolFault } from '../wire/protocol-fault.js';
import { BYTES_PER_ELEMENT, CHUNK_BYTES } from '../reduce/ranges.js';

type RootFrame = Extract<ServerFrame, { type: 'root' }>;

interface Assembly {
  readonly vector: Float32Array;
  readonly received: Set<number>;
  numMissing: number;
  /** Payloads on their way into the vector: the same piece may come from two servers at once, with the same bytes. */
  numWriting: number;
}

/** Where a payload goes: into the vector, or into memory of its own to be widened from there. */
interface Target {
  readonly assembly: Assembly;
  readonly values: Float32Array;
  readonly packed: Uint16Array<ArrayBuffer> | null;
}

export interface RootAssemblerOptions {
  /** Elements of the longest vector taken. */
  readonly maxVectorElements: number;
  takeVector(length: number): Float32Array;
  /** All ranges of a round are here; the vector is given away. */
  complete(round: number, vector: Float32Array): void;
}

/** Rounds assembled at once; a participant that is further behind needs state, not roots. */
const MAX_ASSEMBLIES = 6;
/** Rounds remembered as given away, so that a second root is told from a new one. */
const MAX_REMEMBERED = 64;

/** Puts the roots of a round together from the ranges of all servers, in place; each round is given away once. */
export class RootAssembler {
  readonly #options: RootAssemblerOptions;
  readonly #assemblies = new Map<number, Assembly>();
  /** Where the frames whose payload is under way belong. */
  readonly #targets = new WeakMap<RootFrame, Target>();
  readonly #buffers = new ChunkBuffers();
  #given: readonly number[] = [];
  #from: number | null = null;
  readonly #waste = new Uint8Array(CHUNK_BYTES);
  /** Up to this round something was thrown away that may be wanted. */
  #droppedUpTo = -1;

  constructor(options: RootAssemblerOptions) {
    this.#options = options;
  }

  /**
   * Only rounds from here on are wanted; these are wanted even where they were given away before, unless they are `kept`.
   * False where nothing has to be asked for: all that was sent of them is here.
   */
  follow(round: number, kept: readonly number[] = []): boolean {
    const isWanted = (number: number): boolean => number >= round && !kept.includes(number);
    const isLacking = round <= this.#droppedUpTo || this.#given.some((number) => number === round && isWanted(number));
    if (round === this.#from && !isLacking) return false;
    const isRepeat = this.#from !== null && round <= this.#from;
    this.#from = round;
    for (const number of this.#assemblies.keys()) if (number < round) this.#assemblies.delete(number);
    if (isRepeat) {
      this.#given = this.#given.filter((number) => !isWanted(number));
      this.#droppedUpTo = -1;
    }
    return true;
  }

  /** The participant made the root itself; false where it has it already or does not want it. */
  give(round: number): boolean {
    if (this.#from === null || round < this.#from || this.#given.includes(round)) return false;
    this.#assemblies.delete(round);
    this.#remember(round);
    return true;
  }

  /** Where the payload of a root frame belongs; memory of no use where it is not wanted. */
  destination(frame: RootFrame, payloadBytes: number): Uint8Array {
    const { lo, hi, format } = frame;
    const assembly = this.#wantedBy(frame, payloadBytes);
    if (assembly === null) return this.#waste.subarray(0, payloadBytes);
    const values = assembly.vector.subarray(lo, hi);
    const packed = format === 'bf16' ? this.#buffers.take(hi - lo) : null;
    this.#targets.set(frame, { assembly, values, packed });
    if (packed === null) assembly.numWriting += 1;
    return bytesOf(packed ?? values);
  }

  /**
   * Widens the payload of a bf16 root from where it lies, which `read` gives, into its place. False where it needs a destination.
   */
  widen(frame: RootFrame, payloadBytes: number, read: (use: (bytes: Uint8Array) => void) => void): boolean {
    const { lo, hi, format } = frame;
    const assembly = format === 'bf16' ? this.#wantedBy(frame, payloadBytes) : null;
    if (assembly === null) return false;
    const values = assembly.vector.subarray(lo, hi);
    this.#targets.set(frame, { assembly, values, packed: null });
    assembly.numWriting += 1;
    read(({ buffer, byteOffset }) => unpackBfloat16(values, new Uint16Array(buffer, byteOffset, hi - lo)));
    return true;
  }

  /** The vector that the payload is a piece of; null where it is not wanted. Throws where it cannot be one. */
  #wantedBy(frame: RootFrame, payloadBytes: number): Assembly | null {
    const { round, length, lo, hi, format } = frame;
    const expectedBytes = (hi - lo) * BYTES_PER_ELEMENT[format];
    if (hi > length || lo >= hi || payloadBytes > CHUNK_BYTES || payloadBytes !== expectedBytes) {
      const what = `root of range [${lo}, ${hi}) of ${length} in ${format}`;
      throw new ProtocolFault('malformed', `${what} with ${payloadBytes} bytes`);
    }
    if (length > this.#options.maxVectorElements)
      throw new ProtocolFault('refused', `root of ${length} elements is too long`);
    const assembly = this.#assemblyOf(round, length);
    return assembly?.received.has(lo) === true ? null : assembly;
  }

  /** The payload of this frame is in its place. */
  received(frame: RootFrame): void {
    const target = this.#targets.get(frame);
    if (target === undefined) return;
    const { assembly, values, packed } = target;
    const isWanted = assembly === this.#assemblies.get(frame.round) && !assembly.received.has(frame.lo);
    if (packed === null) assembly.numWriting -= 1;
    else {
      if (isWanted) unpackBfloat16(values, packed);
      this.#buffers.giveBack(packed);
    }
    if (!isWanted) return;
    assembly.received.add(frame.lo);
    assembly.numMissing -= frame.hi - frame.lo;
    if (assembly.numMissing > 0) return;
    this.#assemblies.delete(frame.round);
    this.#remember(frame.round);
    // Who gets the vector must own it: a late second copy of a piece, or half of one, may still be written to it.
    this.#options.complete(frame.round, assembly.numWriting > 0 ? assembly.vector.slice() : assembly.vector);
  }

  #remember(round: number): void {
    this.#given = [...this.#given.slice(1 - MAX_REMEMBERED), round];
  }

  #assemblyOf(round: number, length: number): Assembly | null {
    if (this.#from === null || round < this.#from || this.#given.includes(round)) return null;
    const existing = this.#assemblies.get(round);
    if (existing !== undefined) {
      if (existing.vector.length !== length) {
        throw new ProtocolFault('malformed', `root of ${length} elements, the round has ${existing.vector.length}`);
      }
      return existing;
    }
    const assembly = {
      vector: this.#options.takeVector(length),
      received: new Set<number>(),
      numMissing: length,
      numWriting: 0,
    };
    this.#assemblies.set(round, assembly);
    if (this.#assemblies.size > MAX_ASSEMBLIES) {
      const oldest = Math.min(...this.#assemblies.keys());
      this.#assemblies.delete(oldest);
      this.#droppedUpTo = Math.max(this.#droppedUpTo, oldest);
    }
    return assembly;
  }
}
