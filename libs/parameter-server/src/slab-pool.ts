import { RecoverableError } from '#contracts';
import { addInto } from './add-into.js';
import { CHUNK_ELEMENTS } from './ranges.js';
import type { ValueOperations } from './reduction.js';

/** Memory of one range, shared by the sum and by the sockets it is being written to. */
export interface Slab {
  readonly floats: Float32Array<ArrayBuffer>;
  /** The same memory. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  retain(): void;
  /** The last release gives the memory back; it must not be touched afterwards. */
  release(): void;
}

/** Short ranges count as this much, so that a flood of tiny ones is bounded too (objects around them included). */
const SMALLEST_COUNTED_BYTES = 4_096;

/**
 * Reuses memory from round to round: a fresh megabyte costs 256 page faults, about as much as filling it.
 * A slab that is never released is lost to the pool, not to the process.
 */
export class SlabPool {
  readonly #limitBytes: number;
  #free: ArrayBuffer[] = [];
  #usedBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Bytes handed out and not released. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  fits(numElements: number): boolean {
    return this.#usedBytes + Math.max(SMALLEST_COUNTED_BYTES, numElements * 4) <= this.#limitBytes;
  }

  /** Memory for 1..CHUNK_ELEMENTS elements, contents undefined, one reference. */
  take(numElements: number): Slab {
    if (!this.fits(numElements)) {
      throw new RecoverableError(
        `memory limit of ${this.#limitBytes} bytes reached: raise it or run fewer runs at once`,
      );
    }
    const isPooled = numElements > CHUNK_ELEMENTS / 2;
    const countedBytes = Math.max(SMALLEST_COUNTED_BYTES, numElements * 4);
    const buffer = isPooled
      ? (this.#free.pop() ?? new ArrayBuffer(CHUNK_ELEMENTS * 4))
      : new ArrayBuffer(numElements * 4);
    this.#usedBytes += countedBytes;
    let references = 1;
    return {
      floats: new Float32Array(buffer, 0, numElements),
      bytes: new Uint8Array(buffer, 0, numElements * 4),
      retain: () => {
        references += 1;
      },
      release: () => {
        references -= 1;
        if (references < 0) throw new Error('slab released more often than retained');
        if (references > 0) return;
        this.#usedBytes -= countedBytes;
        if (isPooled) this.#free.push(buffer);
      },
    };
  }

  /** Gives unused memory back to the system. */
  trim(): void {
    this.#free = [];
  }
}

/** How a parameter server adds slabs. */
export const slabOperations: ValueOperations<Slab> = {
  add(left, right) {
    addInto(left.floats, right.floats);
    right.release();
    return left;
  },
  drop: (slab) => slab.release(),
};
