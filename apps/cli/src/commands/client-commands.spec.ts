import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import type { RunEvent, WorkerHeartbeat } from '#contracts';
import { registerClientCommands } from './client-commands.js';
import { events, fakeCoordinator, json, problem, sse, type FakeCoordinator } from '../testing/fake-coordinator.js';
import { Exited, recordingIo, type RecordingIo } from '../testing/recording-io.js';
import { sampleRun } from '../testing/sample-run.js';

const RUN = 'GET /v1/runs/a1b2c3d4';
const EVENTS = `${RUN}/events`;
const finished = sampleRun({ state: 'finished', finishedAt: 1_700_000_061_000, weightsSha256: 'e'.repeat(64) });
const spec = {
  name: 'x',
  model: { architecture: 'resnet20', numClasses: 2 },
  dataset: { kind: 'image-folder', path: 'd' },
  epochs: 1,
};

const sampleWorker: WorkerHeartbeat = {
  workerId: 'w1',
  host: 'h',
  pid: 7,
  device: 'CPU x 2',
  engines: 2,
  fingerprint: 'f',
  startedAt: 0,
  at: 0,
  status: 'idle',
  reason: null,
  runId: null,
  incarnation: null,
  round: null,
  lanes: [],
  memoryBytes: 1,
};

let server: FakeCoordinator;
let folder: string;
beforeEach(async () => {
  server = await fakeCoordinator();
  folder = await mkdtemp(join(tmpdir(), 'skiplane-cli-'));
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function skiplane(args: readonly string[], io: RecordingIo = recordingIo()): Promise<RecordingIo> {
  const program = new Command('skiplane');
  registerClientCommands(program, { io, retryDelayMs: 1 });
  await program
    .parseAsync([
      'node',
      'skiplane',
      ...args,
      ...(args.includes('--url') || process.env['SKIPLANE_URL'] !== undefined ? [] : ['--url', server.url]),
    ])
    .catch((error: unknown) => {
      if (!(error instanceof Exited)) throw error;
    });
  return io;
}

describe('the address of the coordinator', () => {
  afterEach(() => {
    delete process.env['SKIPLANE_URL'];
  });

  it('is that of SKIPLANE_URL, with the path that a proxy has in front', async () => {
    process.env['SKIPLANE_URL'] = `${server.url}/skiplane`;
    server.on('GET /skiplane/v1/workers', json({ workers: [] }));
    const io = await skiplane(['workers', '--json']);
    expect([io.exitCode(), io.errLines]).toEqual([0, []]);
  });
});

describe('submit', () => {
  it('names every fault before it asks anybody', async () => {
    const io = await skiplane(
      ['submit', '-'],
      recordingIo(JSON.stringify({ ...spec, epochs: 0, lanes: 'four', turbo: true })),
    );
    expect(io.exitCode()).toBe(2);
    for (const path of ['epochs', 'lanes', 'turbo']) expect(io.errLines.join('\n')).toContain(path);
    expect(server.asked).toEqual([]);
  });

  it.each([
    ['{"name": ', 'stdin is not JSON'],
    ['[]', 'stdin is not a run'],
  ])('refuses %p', async (text, words) => {
    const io = await skiplane(['submit', '-'], recordingIo(text));
    expect(io.exitCode()).toBe(2);
    expect(io.errLines.join('\n')).toContain(words);
  });

  it('refuses a file that is not there', async () => {
    const io = await skiplane(['submit', join(folder, 'no.json')]);
    expect(io.exitCode()).toBe(2);
    expect(io.errLines.join('\n')).toContain('cannot read');
  });

  it('submits a file under the given key and prints the run', async () => {
    const file = join(folder, 'run.json');
    await writeFile(file, `\uFEFF${JSON.stringify(spec)}`);
    let key: unknown;
    server.on('POST /v1/runs', (request, response, body) => {
      key = request.headers['idempotency-key'];
      json(sampleRun(), 201)(request, response, body);
    });
    const io = await skiplane(['submit', file, '--idempotency-key', 'k1', '--json']);
    expect(io.exitCode()).toBe(0);
    expect(key).toBe('k1');
    expect(JSON.parse(io.outLines.join(''))).toEqual(sampleRun());
  });

  it('prints the problem of the coordinator with every fault', async () => {
    server.on('POST /v1/runs', problem(422, 'Refused', [{ path: 'dataset.path', message: 'no such folder' }]));
    const io = await skiplane(['submit', '-'], recordingIo(JSON.stringify(spec)));
    expect(io.exitCode()).toBe(2);
    expect(io.errLines).toEqual(['skiplane: Refused: details of Refused\n  dataset.path: no such folder']);
  });

  it('leaves a submission alone that takes long when it is interrupted, and says how it is found', async () => {
    const io = recordingIo(JSON.stringify(spec));
    server.on('POST /v1/runs', () => io.interrupt());
    await skiplane(['submit', '-', '--idempotency-key', 'k2'], io);
    expect(io.exitCode()).toBe(130);
    expect(io.errLines.at(-1)).toContain('--idempotency-key k2 finds what it becomes');
  });

  it('watches when asked to', async () => {
    server.on('POST /v1/runs', json(sampleRun(), 201));
    server.on(RUN, json(sampleRun()));
    server.on(EVENTS, events([sse('progress', finished)], 'stay'));
    const io = await skiplane(['submit', '-', '--watch'], recordingIo(JSON.stringify(spec)));
    expect(io.exitCode()).toBe(0);
    expect(io.outLines.join('\n')).toContain('e'.repeat(64));
  });
});

describe('watch', () => {
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

describe('the other commands', () => {
  it('lists runs in a table', async () => {
    server.on('GET /v1/runs?state=running&limit=2', json({ runs: [sampleRun()], total: 3, offset: 0, limit: 2 }));
    const io = await skiplane(['ls', '--state', 'running', '--limit', '2']);
    expect(io.outLines.join('\n')).toMatch(
      /^ID .*\na1b2c3d4 {2}resnet20-shapes {2}running +43 % +0\.812 +68\.0 % +1 .* ago$/,
    );
    expect(io.errLines).toEqual(['1 of 3: --limit shows more']);
  });

  it('counts ages by the clock of the coordinator, and says whose clock is off', async () => {
    const run = sampleRun();
    const tenMinutesLater = (content: unknown) => (_request: unknown, response: ServerResponse) => {
      response.setHeader('Skiplane-Time', String(run.createdAt + 600_000));
      response.end(JSON.stringify(content));
    };
    server.on('GET /v1/runs?limit=20', tenMinutesLater({ runs: [run], total: 1, offset: 0, limit: 20 }));
    expect((await skiplane(['ls'])).outLines.join('\n')).toContain('10 min 00 s ago');
    const worker = { ...sampleWorker, startedAt: run.createdAt, clockOffsetMs: -3_600_000 };
    server.on('GET /v1/workers', tenMinutesLater({ workers: [worker] }));
    const listed = (await skiplane(['workers'])).outLines.join('\n');
    expect(listed).toContain('its clock is 1 h 00 min behind');
    expect(listed).toContain('10 min 00 s ago');
  });

  it('names what it cannot list, because the record cannot be read', async () => {
    const unreadable = [{ id: 'b5', reason: 'run.json is a folder' }];
    server.on('GET /v1/runs?limit=20', json({ runs: [], total: 0, offset: 0, limit: 20, unreadable }));
    const io = await skiplane(['ls']);
    expect(io.errLines).toEqual(['b5 cannot be read and is left as it is: run.json is a folder']);
    server.on('GET /v1/studies?offset=0&limit=20', json({ studies: [], total: 0, offset: 0, limit: 20, unreadable }));
    expect((await skiplane(['studies', 'ls'])).errLines).toEqual(io.errLines);
  });

  it('shows a run with its ledger', async () => {
    server.on(RUN, json(sampleRun()));
    const io = await skiplane(['show', 'a1b2c3d4']);
    expect(io.outLines.join('\n')).toContain('epoch 1  10240 of 10240 samples, nothing missing or repeated');
  });

  it('ends with 5 when the state of the run does not allow an order', async () => {
    server.on(RUN, json(finished));
    server.on('POST /v1/runs/a1b2c3d4/pause', problem(409, 'Conflict'));
    expect((await skiplane(['pause', 'a1b2c3d4'])).exitCode()).toBe(5);
  });

  it('cancels', async () => {
    server.on(RUN, json(sampleRun()));
    server.on('POST /v1/runs/a1b2c3d4/cancel', json(sampleRun({ state: 'cancelled' })));
    const io = await skiplane(['cancel', 'a1b2c3d4']);
    expect(io.outLines).toEqual(['run a1b2c3d4 is cancelled']);
    expect(io.exitCode()).toBe(0);
  });

  it('ends with 5 for a run that is not there', async () => {
    server.on('GET /v1/runs?offset=0&limit=100', json({ runs: [], total: 0, offset: 0, limit: 100 }));
    expect((await skiplane(['show', 'nobody'])).exitCode()).toBe(5);
  });

  it('ends with 3 when nobody answers, also in JSON', async () => {
    const { url } = server;
    await server[Symbol.asyncDispose]();
    const io = await skiplane(['workers', '--json', '--url', url]);
    expect(io.exitCode()).toBe(3);
    expect(JSON.parse(io.errLines.join(''))).toEqual({
      error: `no coordinator answers at ${url}: start it with npm start`,
      faults: [],
    });
  });

  it.each([
    [['ls', '--limit', '0']],
    [['ls', '--state', 'sleeping']],
    [['weights', 'latest']],
    [['weights', '-o', 'f']],
    [['show']],
    [['show', 'a', 'b']],
    [['verify']],
    [['diff', 'a']],
    [['ls', '--url', 'ftp://x']],
    [['weights', 'latest', '-o', 'f', '--step', '1.5']],
  ])('refuses %j with 2', async (args) => {
    const io = await skiplane(args);
    expect(io.exitCode()).toBe(2);
    expect(server.asked).toEqual([]);
  });

  it.each(['submit', 'watch', 'ls', 'show', 'cancel', 'pause', 'resume', 'workers', 'weights', 'verify', 'diff'])(
    '%s --help gives an example and the exit codes',
    async (name) => {
      const io = await skiplane([name, '--help']);
      expect(io.exitCode()).toBe(0);
      expect(io.outLines.join('\n')).toMatch(/Example:\n +(skiplane|jq) /);
      expect(io.outLines.join('\n')).toContain('Exit codes:');
    },
  );
});
