import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RunEvent } from '#contracts';
import { events, fakeCoordinator, json, sse, type FakeCoordinator } from '../testing/fake-coordinator.js';
import { recordingIo, type RecordingIo } from '../testing/recording-io.js';
import { runSkiplane } from '../testing/run-skiplane.js';
import { sampleRun } from '../testing/sample-run.js';

const RUN = 'GET /v1/runs/a1b2c3d4';
const EVENTS = `${RUN}/events`;
const finished = sampleRun({ state: 'finished', finishedAt: 1_700_000_061_000, weightsSha256: 'e'.repeat(64) });

let server: FakeCoordinator;
beforeEach(async () => {
  server = await fakeCoordinator();
});
afterEach(async () => await server[Symbol.asyncDispose]());

const skiplane = (words: readonly string[], io?: RecordingIo): Promise<RecordingIo> =>
  runSkiplane([...words, '--url', server.url], io === undefined ? {} : { io });

describe('skiplane watch', () => {
  it.each([
    ['finished', 0],
    ['failed', 1],
    ['cancelled', 4],
  ] as const)('ends a run that is %s with %p', async (state, code) => {
    server.on(RUN, json(sampleRun({ state, reason: state === 'failed' ? 'loss is not finite' : null })));
    const io = await skiplane(['watch', 'a1b2c3d4']);
    expect(io.exitCode()).toBe(code);
    expect(io.outLines.join('\n')).toContain(state === 'failed' ? 'failed: loss is not finite' : state);
  });

  it('survives a restart of the coordinator and shows new journal lines once', async () => {
    const event: RunEvent = {
      id: 5,
      at: Date.now() + 60_000,
      level: 'warning',
      topic: 'worker',
      message: 'worker-2 left',
    };
    server.on(RUN, json(sampleRun()));
    server.on(
      EVENTS,
      events([sse('journal', { ...event, id: 1, at: 1 }, 1), sse('journal', event, 5)], 'break'),
      // What broke off with the connection is sent again, as a coordinator does.
      (request, ...rest) => {
        const missed = request.headers['last-event-id'] === '5' ? [] : [sse('journal', event, 5)];
        events([...missed, sse('progress', finished)], 'stay')(request, ...rest);
      },
    );
    const io = await skiplane(['watch', 'a1b2c3d4', '--json']);
    expect(io.exitCode()).toBe(0);
    expect(JSON.parse(io.outLines.join(''))).toEqual(finished);
    const shown = io.errLines.join('\n');
    expect(shown.match(/warning: worker-2 left/g)).toHaveLength(1);
    expect(shown).toContain('connection lost');
    expect(shown).toContain('connected again');
    expect(shown).toContain('epoch 3/6');
  });

  it('sees that the run ended while nobody listened', async () => {
    server.on(RUN, json(sampleRun()), json(sampleRun()), json(finished));
    server.on(EVENTS, events([], 'stay'));
    expect((await skiplane(['watch', 'a1b2c3d4'])).exitCode()).toBe(0);
  });

  it('detaches at Ctrl-C and says that the run goes on', async () => {
    const io = recordingIo();
    server.on(RUN, json(sampleRun()));
    server.on(EVENTS, (request, response, body) => {
      events([], 'stay')(request, response, body);
      io.interrupt();
    });
    await skiplane(['watch', 'a1b2c3d4'], io);
    expect(io.exitCode()).toBe(130);
    expect(io.errLines.at(-1)).toBe('detached: the run goes on. Watch it again with: skiplane watch a1b2c3d4');
  });
});
