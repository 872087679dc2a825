import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { events, fakeCoordinator, json, problem, type FakeCoordinator } from '../../testing/fake-coordinator.js';
import { recordingIo, type RecordingIo } from '../../testing/recording-io.js';
import { runSkiplane } from '../../testing/run-skiplane.js';

const LIST = { isKept: true, logs: [{ name: 'worker-1', sizeBytes: 1_200, modifiedAt: 1 }] };
const message = (lines: readonly string[], id: string): string =>
  `event: lines\nid: ${id}\ndata: ${JSON.stringify(lines)}\n\n`;

describe('skiplane logs', () => {
  let coordinator: FakeCoordinator;
  const before = process.env['SKIPLANE_DATA_DIR'];
  let folder: string;

  beforeEach(async () => {
    coordinator = await fakeCoordinator();
    coordinator.on('GET /v1/logs', json(LIST));
    folder = await mkdtemp(join(tmpdir(), 'skiplane-logs-'));
    process.env['SKIPLANE_DATA_DIR'] = folder;
  });
  afterEach(async () => {
    await coordinator[Symbol.asyncDispose]();
    if (before === undefined) delete process.env['SKIPLANE_DATA_DIR'];
    else process.env['SKIPLANE_DATA_DIR'] = before;
    await rm(folder, { recursive: true, force: true });
  });

  const logs = (words: readonly string[], io?: RecordingIo): Promise<RecordingIo> =>
    runSkiplane(['logs', ...words, '--url', coordinator.url], io === undefined ? {} : { io });
  const untilOut = async (io: RecordingIo, numLines: number): Promise<void> => {
    const deadline = performance.now() + 10_000;
    while (io.outLines.length < numLines) {
      if (performance.now() > deadline) throw new Error(`only ${io.outLines.join()}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };

  it('lists them, or says that none are kept', async () => {
    expect((await logs([])).outLines[0]).toMatch(/NAME.*SIZE[^]*worker-1 +1\.2 kB/);
    coordinator.on('GET /v1/logs', json({ isKept: false, logs: [] }));
    expect((await logs([])).outLines[0]).toContain('docker compose logs');
  });

  it('shows the end of one, without control characters; a name that is none is a 404', async () => {
    coordinator.on(
      'GET /v1/logs/worker-1?lines=2',
      json({ name: 'worker-1', lines: ['a', 'b\u001b[2J'], position: '9.' }),
    );
    const io = await logs(['worker-1', '--lines', '2']);
    expect([io.exitCode(), io.outLines[0]]).toEqual([0, 'a']);
    expect(io.outLines[1]).not.toContain('\u001b');
    coordinator.on('GET /v1/logs/none?lines=200', problem(404, 'Not Found'));
    expect((await logs(['none'])).exitCode()).toBe(5);
  });

  it('follows one, and goes on where a broken connection ended', async () => {
    coordinator.on('GET /v1/logs/worker-1?lines=1', json({ name: 'worker-1', lines: ['one'], position: '4.' }));
    coordinator.on(
      'GET /v1/logs/worker-1/follow',
      events([message(['two'], '8.')], 'break'),
      events([message(['three'], '14.')], 'stay'),
    );
    const io = recordingIo();
    const ended = logs(['worker-1', '--follow', '--lines', '1'], io);
    await untilOut(io, 3);
    io.interrupt();
    await ended;
    expect([io.exitCode(), io.outLines]).toEqual([130, ['one', 'two', 'three']]);
    expect(io.errLines.join()).toContain('trying again');
  });

  it('reads the local folder where no coordinator answers', async () => {
    await coordinator[Symbol.asyncDispose]();
    expect((await logs(['worker-1'])).exitCode()).toBe(3);
    await mkdir(join(folder, 'logs'));
    await writeFile(join(folder, 'logs', 'worker-1.log'), 'one\nredis://me:s3cret@host\n');
    const io = recordingIo();
    const ended = logs(['worker-1', '-f'], io);
    await untilOut(io, 2);
    await appendFile(join(folder, 'logs', 'worker-1.log'), 'three\n');
    await untilOut(io, 3);
    io.interrupt();
    await ended;
    expect(io.outLines).toEqual(['one', 'redis://me:***@host', 'three']);
    expect(io.errLines[0]).toContain(`these are the logs in ${folder}`);
    expect((await logs(['../worker-1'])).exitCode()).toBe(5);
  });
});
