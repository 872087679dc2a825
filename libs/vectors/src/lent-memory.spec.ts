import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from '@jest/globals';
import { freeMemory } from './free-memory.js';
import { LentMemory } from './lent-memory.js';

describe('LentMemory', () => {
  it('lends memory again once it was freed, by whatever view begins where it does', () => {
    const memory = new LentMemory({ blockBytes: 100, maxBlocks: 4 });
    const [first, second] = [memory.take(100).fill(1), memory.take(100).fill(2)];
    expect(second.buffer).not.toBe(first.buffer);
    freeMemory(first.subarray(0, 10));
    const third = memory.take(50);
    expect(third.buffer).toBe(first.buffer);
    expect([third.length, third[0]]).toEqual([50, 1]);
    expect(second[0]).toBe(2);
  });

  it('takes it back from another thread', async () => {
    const memory = new LentMemory({ blockBytes: 8, maxBlocks: 4 });
    const lent = memory.take(8);
    // What freeMemory does there: the first word of the header.
    const code =
      'require("node:worker_threads").parentPort.once("message", (a) => Atomics.store(new Int32Array(a.buffer, 0, 1), 0, 0))';
    const thread = new Worker(code, { eval: true });
    thread.postMessage(lent);
    await once(thread, 'exit');
    expect(memory.take(8).buffer).toBe(lent.buffer);
  });

  it('replaces what was forgotten or never comes back, and remembers no more than it may', () => {
    const memory = new LentMemory({ blockBytes: 8, maxBlocks: 2 });
    const [oldest, newer] = [memory.take(8), memory.take(8)];
    memory.take(8);
    freeMemory(oldest);
    expect(memory.take(8).buffer).not.toBe(oldest.buffer);
    memory.forget(newer);
    freeMemory(newer);
    expect(memory.take(8).buffer).not.toBe(newer.buffer);
    expect(() => memory.take(9)).toThrow('9 bytes were asked of blocks of 8');
  });
});
