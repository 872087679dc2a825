import { markAsUntransferable } from 'node:worker_threads';
import { describe, expect, it } from '@jest/globals';
import { freeMemory } from './free-memory.js';

const MEBIBYTE = 2 ** 20;
/** The port that leads nowhere closes in the first turns of the event loop. */
const aTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

describe('freeMemory', () => {
  it('gives the memory back without the garbage collector', async () => {
    await aTurn();
    const before = process.memoryUsage().arrayBuffers;
    const arrays = Array.from({ length: 100 }, () => new Float32Array(MEBIBYTE / 4));
    expect(process.memoryUsage().arrayBuffers - before).toBeGreaterThan(90 * MEBIBYTE);
    for (const array of arrays) freeMemory(array);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10 * MEBIBYTE);
    expect(arrays.map(({ length }) => length)).toEqual(arrays.map(() => 0));
  });

  it('does nothing to an array that is empty already, or whose buffer others may use', () => {
    const whole = Float32Array.of(1, 2, 3);
    freeMemory(whole.subarray(1));
    expect(whole).toEqual(Float32Array.of(1, 2, 3));
    freeMemory(whole);
    freeMemory(whole);
    expect(whole).toHaveLength(0);
    const shared = new Uint8Array(new SharedArrayBuffer(2));
    freeMemory(shared);
    expect(shared).toHaveLength(2);
    const foreign = Uint8Array.of(1, 2);
    markAsUntransferable(foreign.buffer);
    freeMemory(foreign);
    expect(foreign).toHaveLength(2);
  });
});
