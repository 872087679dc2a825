import { RecoverableError, type WireFormat } from '#contracts';
import { addBfloat16, addTo } from '#vectors';
import { BYTES_PER_ELEMENT, CHUNK_BYTES } from '../reduce/ranges.js';
import type { ValueOperations } from '../reduce/reduction.js';
import type { HeldPayload } from '../shared-memory/incoming-slots.js';
import type { Place } from '../shared-memory/slots.js';
import { ServerMemory } from './server-memory.js';

/** Memory of one range, shared by the sum and by whoever it is being sent to. */
export interface Slab {
  readonly values: Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;
  /** The same memory. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where participants of this host find it; null where they cannot. */
  readonly place: Place | null;
  /** It may be written to. False for what lies in a participant's memory. */
  readonly isOwn: boolean;
  retain(): void;
  /** The last release gives the memory back; it must not be touched afterwards. */
  release(): void;
}

/** Short ranges count as this much, so that a flood of tiny ones is bounded too (objects around them included). */
const SMALLEST_COUNTED_BYTES = 4_096;

/** What a slab's memory is, and what becomes of it. */
interface SlabMemory {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly place: Place | null;
  readonly isOwn: boolean;
  readonly giveBack: () => void;
}

/**
 * Reuses memory from round to round: a fresh megabyte costs 256 page faults, about as much as filling it. It is the
 * server's shared memory once a participant of this host has asked for that, as far as it goes.
 * A slab that is never released is lost to the pool, not to the process.
 */
export class SlabPool {
  readonly #limitBytes: number;
  #free: ArrayBuffer[] = [];
  #usedBytes = 0;
  /** Undefined until it is asked for. */
  #memory: ServerMemory | null | undefined;
  #freeSlots: number[] = [];

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Bytes handed out and not released. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  fits(numBytes: number): boolean {
    return this.#usedBytes + Math.max(SMALLEST_COUNTED_BYTES, numBytes) <= this.#limitBytes;
  }

  /** Memory that participants of this host can read, which slabs lie in from now on; null where there is none. */
  share(): ServerMemory | null {
    if (this.#memory === undefined) {
      this.#memory = ServerMemory.create();
      const count = this.#memory?.sums.count ?? 0;
      this.#freeSlots = Array.from({ length: count }, (_, index) => count - 1 - index);
    }
    return this.#memory;
  }

  /** Memory for some elements, CHUNK_BYTES at most, contents undefined, one reference. */
  take(numElements: number, format: WireFormat): Slab {
    const numBytes = numElements * BYTES_PER_ELEMENT[format];
    if (!this.fits(numBytes)) {
      throw new RecoverableError(
        `memory limit of ${this.#limitBytes} bytes reached: raise it or run fewer runs at once`,
      );
    }
    const countedBytes = Math.max(SMALLEST_COUNTED_BYTES, numBytes);
    this.#usedBytes += countedBytes;
    const { giveBack, ...memory } = this.#memoryOf(numBytes);
    return slabOf(format, {
      ...memory,
      giveBack: () => {
        this.#usedBytes -= countedBytes;
        giveBack();
      },
    });
  }

  /** Gives unused memory back to the system. */
  trim(): void {
    this.#free = [];
    // Sums that are still being sent stay; a later call takes them.
    if (this.#freeSlots.length === this.#memory?.sums.count) this.#memory.trim();
  }

  /** No slab is used any more. */
  close(): void {
    this.#memory?.close();
    this.#memory = null;
    this.#freeSlots = [];
  }

  #memoryOf(numBytes: number): SlabMemory {
    const memory = this.#memory ?? null;
    const slot = numBytes > SMALL_BYTES && memory !== null ? this.#freeSlots.pop() : undefined;
    if (memory === null || slot === undefined) return this.#ownMemory(numBytes);
    return {
      bytes: memory.sums.bytes(slot, numBytes),
      place: { slot, generation: memory.sums.renew(slot) },
      isOwn: true,
      giveBack: () => {
        if (this.#memory === memory) this.#freeSlots.push(slot);
      },
    };
  }

  #ownMemory(numBytes: number): SlabMemory {
    const isPooled = numBytes > CHUNK_BYTES / 2;
    const buffer = isPooled ? (this.#free.pop() ?? new ArrayBuffer(CHUNK_BYTES)) : new ArrayBuffer(numBytes);
    return {
      bytes: new Uint8Array(buffer, 0, numBytes),
      place: null,
      isOwn: true,
      giveBack: () => {
        if (isPooled) this.#free.push(buffer);
      },
    };
  }
}

/** What is as small is sent through the socket: a slot would take longer. */
const SMALL_BYTES = 16_384;

function slabOf(format: WireFormat, { bytes, place, isOwn, giveBack }: SlabMemory): Slab {
  const { buffer, byteOffset, length } = bytes;
  let references = 1;
  return {
    values:
      format === 'fp32'
        ? new Float32Array(buffer, byteOffset, length / 4)
        : new Uint16Array(buffer, byteOffset, length / 2),
    bytes,
    place,
    isOwn,
    retain: () => {
      references += 1;
    },
    release: () => {
      references -= 1;
      if (references < 0) throw new Error('slab released more often than retained');
      if (references === 0) giveBack();
    },
  };
}

/** A payload that stays in its participant's memory, one reference. */
export function heldSlab({ bytes, release }: HeldPayload, format: WireFormat): Slab {
  return slabOf(format, { bytes, place: null, isOwn: false, giveBack: release });
}

/** How a parameter server adds slabs of one format: into one of them, or into memory of the pool where neither may be written to. */
export function slabOperations(pool: SlabPool): ValueOperations<Slab> {
  return {
    add(left, right) {
      const format = left.values instanceof Float32Array ? 'fp32' : 'bf16';
      const own = [left, right].find(({ isOwn }) => isOwn);
      const target = own ?? pool.take(left.values.length, format);
      addSlabs(target, left, right);
      for (const each of [left, right]) if (each !== target) each.release();
      return target;
    },
    drop: (slab) => slab.release(),
  };
}

function addSlabs({ values }: Slab, { values: left }: Slab, { values: right }: Slab): void {
  if (values instanceof Float32Array && left instanceof Float32Array && right instanceof Float32Array) {
    addTo(values, left, right);
  } else if (values instanceof Uint16Array && left instanceof Uint16Array && right instanceof Uint16Array) {
    addBfloat16(values, left, right);
  } else throw new Error('a range of fp32 was to be added to one of bf16');
}
