import { RecoverableError, type WireFormat } from '#contracts';
import { addInto } from '#vectors';
import { addBfloat16 } from '#vectors';
import { BYTES_PER_ELEMENT, CHUNK_BYTES } from '../reduce/ranges.js';
import type { ValueOperations } from '../reduce/reduction.js';

/** Memory of one range, shared by the sum and by the sockets it is being written to. */
export interface Slab {
  readonly values: Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;
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

  fits(numBytes: number): boolean {
    return this.#usedBytes + Math.max(SMALLEST_COUNTED_BYTES, numBytes) <= this.#limitBytes;
  }

  /** Memory for some elements, CHUNK_BYTES at most, contents undefined, one reference. */
  take(numElements: number, format: WireFormat): Slab {
    const numBytes = numElements * BYTES_PER_ELEMENT[format];
    if (!this.fits(numBytes)) {
      throw new RecoverableError(
        `memory limit of ${this.#limitBytes} bytes reached: raise it or run fewer runs at once`,
      );
    }
    const isPooled = numBytes > CHUNK_BYTES / 2;
    const countedBytes = Math.max(SMALLEST_COUNTED_BYTES, numBytes);
    const buffer = isPooled ? (this.#free.pop() ?? new ArrayBuffer(CHUNK_BYTES)) : new ArrayBuffer(numBytes);
    this.#usedBytes += countedBytes;
    let references = 1;
    return {
      values: format === 'fp32' ? new Float32Array(buffer, 0, numElements) : new Uint16Array(buffer, 0, numElements),
      bytes: new Uint8Array(buffer, 0, numBytes),
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

/** How a parameter server adds slabs of one format. */
export const slabOperations: ValueOperations<Slab> = {
  add(left, right) {
    if (left.values instanceof Uint16Array && right.values instanceof Uint16Array) {
      addBfloat16(left.values, right.values);
    } else if (left.values instanceof Float32Array && right.values instanceof Float32Array) {
      addInto(left.values, right.values);
    } else throw new Error('a range of fp32 was to be added to one of bf16');
    right.release();
    return left;
  },
  drop: (slab) => slab.release(),
};
