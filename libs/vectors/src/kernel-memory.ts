import { kernelsWithPages, type Kernels } from './kernels.js';

const PAGE_BYTES = 65_536;

type Values = Float32Array | Uint16Array;

const kernelsOf = new WeakMap<ArrayBufferLike, Kernels>();

/**
 * Memory that the kernels add in where vectors lie, instead of copying blocks of them in and out. It only takes up
 * what is written to; other memory may be mapped over whole pages of it.
 *
 * A kernel ends at whole turns of 64 bytes, so a vector needs its own up to there.
 */
export class KernelMemory {
  readonly buffer: ArrayBuffer;

  /** Throws a RangeError where the system lacks so much address space. At most 4 GiB. */
  constructor(numBytes: number) {
    const kernels = kernelsWithPages(Math.ceil(numBytes / PAGE_BYTES));
    this.buffer = kernels.memory.buffer;
    kernelsOf.set(this.buffer, kernels);
  }

  /** The kernels of the memory in which all of these lie; null where there is none. */
  static common(target: Values, left: Values, right: Values): Kernels | null {
    const { buffer } = target;
    return buffer === left.buffer && buffer === right.buffer ? (kernelsOf.get(buffer) ?? null) : null;
  }
}
