/**
 * Randomness every process must agree on: a generator that is a pure function of its key, e.g. (seed, epoch, sample),
 * never of order, time or worker.
 */
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A stream of numbers that depends on its key only. */
export interface RandomStream {
  /** Uniform 32-bit unsigned integer. */
  nextUint32(): number;
  /** Uniform in [0, 1), 32 bits. */
  nextFloat(): number;
  /** Uniform integer in [0, bound); the bias is below bound / 2^32. */
  nextInt(bound: number): number;
  /** Standard normal (Box-Muller). */
  nextNormal(): number;
}

/** Mixes the words of a key into 32 bits (murmur3 finaliser, applied per word). */
export function hashKey(...words: readonly number[]): number {
  let hash = 0x9e3779b9;
  for (const word of words) {
    hash = Math.imul(hash ^ (word >>> 0), 0x85ebca6b);
    hash ^= hash >>> 13;
    hash = Math.imul(hash, 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return hash >>> 0;
}

/** Opens the stream of a key. */
export function randomStream(...words: readonly number[]): RandomStream {
  const generator = xoroshiro128plus(hashKey(...words));
  const nextUint32 = (): number => generator.next() >>> 0;
  const nextFloat = (): number => nextUint32() / 0x1_0000_0000;
  return {
    nextUint32,
    nextFloat,
    nextInt: (bound) => Math.floor(nextFloat() * bound),
    nextNormal: () => Math.sqrt(-2 * Math.log(1 - nextFloat())) * Math.cos(2 * Math.PI * nextFloat()),
  };
}

/** A permutation of 0..length-1 that depends on its key only (Fisher-Yates). */
export function permutation(length: number, ...words: readonly number[]): Uint32Array {
  const stream = randomStream(...words);
  const order = Uint32Array.from({ length }, (_, index) => index);
  for (let last = length - 1; last > 0; last -= 1) {
    const other = stream.nextInt(last + 1);
    const held = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = held;
  }
  return order;
}
