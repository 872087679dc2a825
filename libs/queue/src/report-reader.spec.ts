import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Report } from '#contracts';
import { silentLogger } from '#telemetry';
import { REDIS_KEYS } from './redis-keys.js';
import { ReportReader } from './report-reader.js';
import { timeOf } from './stream-id.js';
import { TestRedis } from './testing/test-redis.js';

const logger = silentLogger();
const test = new TestRedis();

describe('ReportReader', () => {
  const report = (message: string): Report => ({ kind: 'failed', runId: 'r', incarnation: 1, workerId: 'w', message });
  const send = (value: unknown): Promise<unknown> =>
    test.commands.xadd(REDIS_KEYS.reports, '*', 'json', typeof value === 'string' ? value : JSON.stringify(value));

  const saved = { id: '0' };
  beforeEach(() => {
    saved.id = '0';
  });

  function follow(
    afterId: string,
    keptMs?: number,
  ): { messages: string[]; ids: string[]; reached: (count: number) => Promise<void> } {
    const messages: string[] = [];
    const ids: string[] = [];
    let wake: () => void = () => undefined;
    const reader = new ReportReader({
      redis: test.connect('blocking'),
      afterId,
      logger,
      savedId: () => saved.id,
      ...(keptMs !== undefined && { keptMs }),
      onReport: ({ report: one }, id) => {
        if (one.kind === 'failed') messages.push(one.message);
        ids.push(id);
        wake();
      },
    });
    reader.start();
    test.afterTest(() => reader.close());
    const reached = async (count: number): Promise<void> => {
      while (messages.length < count) await new Promise<void>((resolve) => (wake = resolve));
    };
    return { messages, ids, reached };
  }

  it('says how long ago a report was made: on its way, and in the stream by the clock of Redis', async () => {
    const [seconds] = await test.commands.time();
    const id = `${Number(seconds) * 1_000 - 60_000}-0`;
    await test.commands.xadd(REDIS_KEYS.reports, id, 'json', JSON.stringify(report('old')), 'ageMs', '30000');
    await send(report('new'));
    const ages: number[] = [];
    const now = jest.spyOn(Date, 'now').mockReturnValue(0);
    await new Promise<void>((resolve) => {
      const reader = new ReportReader({
        redis: test.connect('blocking'),
        afterId: '0',
        savedId: () => '0',
        logger,
        onReport: ({ ageMs }) => {
          if (ages.push(ageMs) === 2) resolve();
        },
      });
      test.afterTest(() => reader.close());
      reader.start();
    });
    now.mockRestore();
    expect(ages[0]).toBeGreaterThanOrEqual(90_000);
    expect(ages[0]).toBeLessThan(120_000);
    expect(ages[1]).toBeGreaterThanOrEqual(0);
    expect(ages[1]).toBeLessThan(30_000);
  });

  it('gives what was there and what comes, in order, and leaves out what is no report', async () => {
    await send(report('one'));
    await send('{"kind":');
    await send({ kind: 'unknown' });
    const reading = follow('0');
    await reading.reached(1);
    await send(report('two'));
    await reading.reached(2);
    expect(reading.messages).toEqual(['one', 'two']);
  });

  it('goes on after the id it is given', async () => {
    const id = String(await send(report('one')));
    await send(report('two'));
    const reading = follow(id);
    await reading.reached(1);
    expect(reading.messages).toEqual(['two']);
  });

  it('starts over on a server whose stream is younger than its place', async () => {
    await send(report('one'));
    const reading = follow('99999999999999-0');
    await reading.reached(1);
    expect(reading.messages).toEqual(['one']);
  });

  it('throws away what was saved long ago, and says so', async () => {
    const at = Date.now() - 10_000;
    const write = (time: number): Promise<unknown> =>
      test.commands.xadd(REDIS_KEYS.reports, `${time}-0`, 'json', JSON.stringify(report(String(time))));
    // Redis throws away whole blocks of a hundred entries.
    for (let index = 0; index < 500; index += 1) await write(at + index);
    const reading = follow('0', 1_000);
    await reading.reached(500);
    expect(await test.commands.xlen(REDIS_KEYS.reports)).toBe(500);
    await write(at + 9_000);
    await reading.reached(501);
    await write(at + 9_001);
    await reading.reached(502);
    expect(await test.commands.get(REDIS_KEYS.reportsForgotten)).toBeNull();
    saved.id = `${at + 1_450}-0`;
    await write(at + 9_002);
    await reading.reached(503);
    await write(at + 9_003);
    await reading.reached(504);
    expect(await test.commands.get(REDIS_KEYS.reportsForgotten)).toBe(`${at + 450}-0`);
    const [oldest] = await test.commands.xrange(REDIS_KEYS.reports, '-', '+', 'COUNT', 1);
    expect(timeOf(oldest?.[0] ?? '')).toBeGreaterThan(at + 200);
    expect(timeOf(oldest?.[0] ?? '')).toBeLessThanOrEqual(at + 450);
    expect(new Set(reading.messages).size).toBe(504);
  });

  it('hands a report out again when it could not be taken, and none that could', async () => {
    for (const message of ['one', 'two', 'three']) await send(report(message));
    const seen: string[] = [];
    const failures: unknown[] = [];
    await new Promise<void>((resolve) => {
      const reader = new ReportReader({
        redis: test.connect('blocking'),
        afterId: '0',
        savedId: () => '0',
        logger,
        onReport: ({ report: one }) => {
          if (one.kind !== 'failed') return;
          seen.push(one.message);
          if (seen.length === 2) throw new Error('the disk is full');
          if (one.message === 'three') resolve();
        },
        onFailure: (error) => failures.push(String(error)),
      });
      test.afterTest(() => reader.close());
      reader.start();
    });
    expect(seen).toEqual(['one', 'two', 'two', 'three']);
    expect(failures).toEqual(['Error: the disk is full']);
  });
});
