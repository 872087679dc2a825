import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { IndexBoard } from './index-board.js';
import { REDIS_KEYS } from './redis-keys.js';
import { TestRedis } from './testing/test-redis.js';

const test = new TestRedis();

describe('IndexBoard', () => {
  const index = Buffer.concat([randomBytes(5 * 2 ** 20), Buffer.alloc(5 * 2 ** 20, 'train/cat/')]);

  it('hands an index of several pieces over in memory that threads share, for a limited time', async () => {
    const board = new IndexBoard(test.commands);
    await board.write('d1', index);
    const taken = await board.take('d1', { timeoutMs: 0 });
    expect(taken && Buffer.compare(taken, index)).toBe(0);
    expect(taken?.buffer).toBeInstanceOf(SharedArrayBuffer);
    for (const key of [REDIS_KEYS.index('d1'), REDIS_KEYS.indexPiece('d1', 2)]) {
      const leftMs = await test.commands.pttl(key);
      expect(leftMs).toBeGreaterThan(500_000);
      expect(leftMs).toBeLessThanOrEqual(600_000);
    }
  });

  it('waits for an index that comes, and not for one that does not', async () => {
    const board = new IndexBoard(test.commands);
    const taken = board.take('d2', { timeoutMs: 10_000 });
    await board.write('d2', index.subarray(0, 100));
    expect(await taken).toHaveLength(100);
    expect(await board.take('d3', { timeoutMs: 30 })).toBeNull();
    await board.write('d3', null);
    expect(await board.take('d3', { timeoutMs: 10_000 })).toBeNull();
    const given = new AbortController();
    const waiting = board.take('d4', { timeoutMs: 10_000, signal: given.signal });
    given.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow();
  });

  it('finds that a piece has gone, and gives no index then', async () => {
    const board = new IndexBoard(test.commands);
    await board.write('d5', index);
    await test.commands.pexpire(REDIS_KEYS.indexPiece('d5', 1), 60_000);
    expect(await board.hold('d5')).toBe(true);
    expect(await test.commands.pttl(REDIS_KEYS.indexPiece('d5', 1))).toBeGreaterThan(500_000);
    await test.commands.del(REDIS_KEYS.indexPiece('d5', 1));
    expect(await board.hold('d5')).toBe(false);
    expect(await board.take('d5', { timeoutMs: 0 })).toBeNull();
    expect(await board.hold('d6')).toBe(false);
  });

  it('gives no index of which a piece is another', async () => {
    const board = new IndexBoard(test.commands);
    await board.write('d7', index);
    await board.write('d8', Buffer.from(index).fill(7, 0, 10));
    const other = await test.commands.getBuffer(REDIS_KEYS.indexPiece('d8', 0));
    await test.commands.set(REDIS_KEYS.indexPiece('d7', 0), other ?? '');
    expect(await board.take('d7', { timeoutMs: 0 })).toBeNull();
  });
});
