import { compiledKernels } from './compiled-kernels.js';

type OnTwo = (target: number, other: number, end: number) => void;
type OnThree = (target: number, left: number, right: number, end: number) => void;

/** What `libs/vectors/kernels` exports. Addresses are bytes in their memory; `end` is where the target, or what is read, ends. */
export interface Kernels {
  readonly memory: WebAssembly.Memory;
  readonly add: OnThree;
  readonly allFinite: (from: number, end: number) => number;
  readonly pack: OnTwo;
  readonly unpack: OnTwo;
  readonly addPacked: OnThree;
  readonly addRounded: OnThree;
  readonly digest: (from: number, end: number, weights: number) => bigint;
}

const compiled = new WebAssembly.Module(compiledKernels('vectors'));

/** Kernels with a memory of their own, of so many pages of 64 KiB. Throws a RangeError where there is none. */
export function kernelsWithPages(numPages: number): Kernels {
  const instance = new WebAssembly.Instance<Kernels>(compiled).exports;
  instance.memory.grow(numPages);
  return instance;
}

/**
 * The kernels of this thread. They work on a single page of 64 KiB: blocks of a vector are copied in and out, which an L1
 * cache holds, and nothing stays there between two calls.
 */
export const kernels = kernelsWithPages(1);
export const page: ArrayBuffer = kernels.memory.buffer;
