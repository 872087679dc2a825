import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RunEvent } from '#contracts';
import { runEvents, type RunEventsOptions, type StreamItem } from './run-events.js';
import { SkiplaneClient } from './skiplane-client.js';
import { events, fakeCoordinator, problem, sse, type FakeCoordinator } from '../testing/fake-coordinator.js';
import { sampleRun } from '../testing/sample-run.js';

const ROUTE = 'GET /v1/runs/a1b2c3d4/events';
let server: FakeCoordinator;
beforeEach(async () => {
  server = await fakeCoordinator();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

const line = (id: number): RunEvent => ({ id, at: id, level: 'info', topic: 'worker', message: `line ${id}` });
const stream = (options: Partial<RunEventsOptions> = {}): AsyncGenerator<StreamItem> =>
  runEvents(new SkiplaneClient({ url: server.url }), 'a1b2c3d4', {
    signal: new AbortController().signal,
    firstDelayMs: 1,
    ...options,
  });

/** Reads until `count` items of the kind have come. */
async function take(items: AsyncGenerator<StreamItem>, kind: StreamItem['kind'], count: number): Promise<StreamItem[]> {
  const taken: StreamItem[] = [];
  for await (const item of items) {
    taken.push(item);
    if (taken.filter((one) => one.kind === kind).length === count) return taken;
  }
  return taken;
}

describe('runEvents', () => {
  it('reads events that are cut anywhere, and leaves out what it does not know', async () => {
    const whole = sse('journal', line(1), 1) + sse('later', {}) + sse('progress', sampleRun());
    server.on(ROUTE, events([': hi\n\n', whole.slice(0, 13), whole.slice(13, 60), whole.slice(60)], 'stay'));
    expect(await take(stream(), 'progress', 1)).toEqual([
      { kind: 'connected' },
      { kind: 'journal', event: line(1) },
      { kind: 'progress', run: sampleRun() },
    ]);
  });

  it('goes on after the last line it has seen when the connection breaks', async () => {
    const lastEventIds: unknown[] = [];
    const remember =
      (chunks: readonly string[], then: 'end' | 'break' | 'stay') =>
      (...args: Parameters<ReturnType<typeof events>>) => {
        lastEventIds.push(args[0].headers['last-event-id']);
        events(chunks, then)(...args);
      };
    server.on(
      ROUTE,
      remember([sse('journal', line(1), 1), sse('journal', line(2), 2)], 'break'),
      problem(503, 'Starting'),
      remember([sse('journal', line(3), 3)], 'end'),
      remember([sse('journal', line(4), 4)], 'stay'),
    );
    const items = await take(stream(), 'journal', 4);
    expect(items.flatMap((item) => (item.kind === 'journal' ? [item.event.id] : []))).toEqual([1, 2, 3, 4]);
    expect(lastEventIds).toEqual([undefined, '2', '3']);
  });

  it('takes a silent stream for dead', async () => {
    server.on(ROUTE, events([sse('journal', line(1), 1)], 'stay'));
    const items = await take(stream({ idleTimeoutMs: 40 }), 'connected', 2);
    expect(items.find((item) => item.kind === 'lost')).toMatchObject({
      reason: expect.stringContaining('nothing came'),
    });
  });

  it('doubles the wait up to its limit', async () => {
    server.on(ROUTE, problem(503, 'Starting'));
    const items = await take(stream({ firstDelayMs: 1, maxDelayMs: 4 }), 'lost', 4);
    expect(items.map((item) => (item.kind === 'lost' ? item.retryInMs : 0))).toEqual([1, 2, 4, 4]);
  });

  it('gives up when nobody answers for long', async () => {
    const dead = stream({ giveUpAfterMs: 0 });
    server.on(ROUTE, problem(503, 'Starting'));
    await expect(dead.next()).rejects.toThrow('no answer for');
  });

  it('throws a refusal instead of trying again', async () => {
    server.on(ROUTE, problem(404, 'Not found'));
    await expect(stream().next()).rejects.toMatchObject({ problem: { status: 404 } });
  });

  it('refuses an event that is not of this version', async () => {
    server.on(ROUTE, events([sse('progress', { id: 1 })], 'stay'));
    await expect(take(stream(), 'progress', 1)).rejects.toThrow('event progress of the stream is not understood');
  });

  it('ends at once when it is told to, also while it waits to reconnect', async () => {
    const controller = new AbortController();
    server.on(ROUTE, problem(503, 'Starting'));
    const items = stream({ signal: controller.signal, firstDelayMs: 60_000 });
    await items.next();
    const next = items.next();
    controller.abort(new Error('enough'));
    await expect(next).rejects.toThrow('enough');
  });
});
