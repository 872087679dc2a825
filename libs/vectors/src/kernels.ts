import { compiledKernels } from './compiled-kernels.js';

type OnTwo = (target: number, other: number, end: number) => void;

/** What `libs/vectors/kernels` exports. Addresses are bytes in the page; `end` is where the target, or what is read, ends. */
interface Kernels {
  readonly memory: WebAssembly.Memory;
  readonly add: OnTwo;
  readonly allFinite: (from: number, end: number) => number;
  readonly pack: OnTwo;
  readonly unpack: OnTwo;
  readonly addPacked: OnTwo;
  readonly addRounded: OnTwo;
  readonly digest: (from: number, end: number, weights: number) => bigint;
}

/**
 * The kernels of this thread. They work on a single page of 64 KiB: blocks of a vector are copied in and out, which an L1
 * cache holds, and nothing stays there between two calls.
 */
export const kernels = new WebAssembly.Instance<Kernels>(new WebAssembly.Module(compiledKernels('vectors'))).exports;
kernels.memory.grow(1);
export const page: ArrayBuffer = kernels.memory.buffer;
