import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Redis } from 'ioredis';
import { REDIS_KEYS } from './redis-keys.js';
import { reportSchema, type Report } from '#contracts';
import { heartbeat } from '#contracts/testing';
import { silentLogger } from '#telemetry';
import { TestRedis } from './testing/test-redis.js';
import { WorkerLink } from './worker-link.js';
import { readWorkers } from './worker-registry.js';

const logger = silentLogger();
const paused = (round: number): Report => ({ kind: 'paused', runId: 'r', incarnation: 1, workerId: 'w', round });

const test = new TestRedis();
let connection: Redis;
let link: WorkerLink;

beforeEach(() => {
  connection = test.commands;
  const subscriber = test.connect('subscriber');
  test.afterTest(() => subscriber.disconnect());
  link = new WorkerLink({ workerId: 'w', connection, subscriber, logger });
});

async function sentRounds(): Promise<number[]> {
  const entries = await connection.xrange(REDIS_KEYS.reports, '-', '+');
  return entries.map(([, fields]) => {
    const report = reportSchema.parse(JSON.parse(fields[1] ?? ''));
    return report.kind === 'paused' ? report.round : NaN;
  });
}

describe("a worker's link", () => {
  it('sends reports in order, once', async () => {
    for (const round of [1, 2, 3]) link.report(paused(round));
    await link.flush();
    await link.resendLost();
    expect(await sentRounds()).toEqual([1, 2, 3]);
  });

  it('says how long it had each, whatever becomes of the clock', async () => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(1_000);
    link.report(paused(1));
    await link.flush();
    now.mockReturnValue(61_000);
    await connection.flushall();
    await link.resendLost();
    now.mockRestore();
    const [entry] = await connection.xrange(REDIS_KEYS.reports, '-', '+');
    expect(entry?.[1].slice(2)).toEqual(['ageMs', '60000']);
  });

  it('sends the last ones again when Redis was emptied', async () => {
    for (const round of [1, 2]) link.report(paused(round));
    await link.flush();
    await connection.flushall();
    link.report(paused(3));
    await link.flush();
    await connection.flushall();
    await link.resendLost();
    expect(await sentRounds()).toEqual([1, 2, 3]);
  });

  it('sends the last ones again when Redis came back without some in the middle', async () => {
    for (const round of [1, 2]) link.report(paused(round));
    await link.flush();
    const [, second] = await connection.xrange(REDIS_KEYS.reports, '-', '+');
    await connection.xdel(REDIS_KEYS.reports, second?.[0] ?? '');
    // Nothing tells of a restart but the connection.
    connection.emit('ready');
    link.report(paused(3));
    await link.flush();
    expect(await sentRounds()).toEqual([1, 3]);
    await link.resendLost();
    expect(await sentRounds()).toEqual([1, 3, 1, 2, 3]);
    await link.resendLost();
    expect(await sentRounds()).toHaveLength(5);
  });

  it('does not miss what was read and thrown away', async () => {
    for (const round of [1, 2]) link.report(paused(round));
    await link.flush();
    const ids = (await connection.xrange(REDIS_KEYS.reports, '-', '+')).map(([id]) => id);
    await connection.xtrim(REDIS_KEYS.reports, 'MINID', ids[1] ?? '');
    await connection.set(REDIS_KEYS.reportsForgotten, ids[1] ?? '');
    await link.resendLost();
    expect(await sentRounds()).toEqual([2]);
    await connection.del(REDIS_KEYS.reports);
    await link.resendLost();
    expect(await sentRounds()).toEqual([2]);
  });

  it('sends all again when Redis was emptied and has a newer report by now', async () => {
    link.report(paused(1));
    await link.flush();
    await connection.flushall();
    link.report(paused(2));
    await link.flush();
    await link.resendLost();
    expect(await sentRounds()).toEqual([2, 1, 2]);
  });

  it('loses none of those sent again to a report that is on its way', async () => {
    link.report(paused(1));
    await link.flush();
    await connection.flushall();
    connection.emit('ready');
    link.report(paused(2));
    await link.resendLost();
    await link.flush();
    expect(await sentRounds()).toEqual([2, 1]);
  });

  it('is seen by the registry until it says goodbye, and has no assignment nor plan unless they are written', async () => {
    const sent = heartbeat({ workerId: 'w' });
    await link.beat(sent, true);
    expect(await readWorkers(connection)).toEqual({ heartbeats: [sent], gone: new Set(), notUnderstood: [] });
    expect([await link.readAssignment(), await link.readPlan('r')]).toEqual([null, null]);
    await link.sayGoodbye();
    expect(await readWorkers(connection)).toEqual({ heartbeats: [], gone: new Set(['w']), notUnderstood: [] });
  });

  it('tells of changes', async () => {
    let tell: () => void = () => undefined;
    const changed = new Promise<void>((resolve) => (tell = resolve));
    await link.watch(() => tell());
    await connection.publish(REDIS_KEYS.notify, 'plan');
    await changed;
  });
});

describe('readWorkers', () => {
  it('names what is no heartbeat', async () => {
    await connection.set(REDIS_KEYS.worker('a'), '{');
    await connection.set(REDIS_KEYS.worker('b'), '{"workerId":"b"}');
    expect(await readWorkers(connection)).toEqual({ heartbeats: [], gone: new Set(), notUnderstood: ['a', 'b'] });
  });
});
