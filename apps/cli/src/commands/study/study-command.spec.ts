import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fakeCoordinator, hangUp, json, problem, type FakeCoordinator } from '../../testing/fake-coordinator.js';
import { recordingIo, type RecordingIo } from '../../testing/recording-io.js';
import { endedStudy, sampleStudy, sampleStudyTable, studyInput } from '../../testing/sample-study.js';
import { runSkiplane } from '../../testing/run-skiplane.js';
import { studyCommand } from './study-command.js';
import type { ThisMachine } from '../../local-stack/this-machine.js';

const STUDY = 'GET /v1/studies/s1b2c3d4';

let server: FakeCoordinator;
let folder: string;
/** What was asked of the machine, in order. */
let done: string[];
beforeEach(async () => {
  server = await fakeCoordinator();
  folder = await mkdtemp(join(tmpdir(), 'skiplane-study-'));
  done = [];
  server.on('POST /v1/studies', json(sampleStudy(), 201));
  server.on(STUDY, json(sampleStudy()), json(endedStudy('finished')));
  server.on(`${STUDY}/table?format=json`, json(sampleStudyTable()));
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** A machine that is the fake coordinator, and writes down what it is asked for. */
function machine(): ThisMachine {
  return {
    provision: () => Promise.resolve(void done.push('provision')),
    drawShapes: (directory) => {
      done.push(`draw ${directory}`);
      return Promise.resolve({ folder: '/drawn/shapes', numClasses: 10 });
    },
    startStack: ({ workers }) => {
      done.push(`start ${workers}`);
      return Promise.resolve({
        url: server.url,
        [Symbol.asyncDispose]: () => Promise.resolve(void done.push('stop')),
      });
    },
  };
}

const study = (args: readonly string[], io = recordingIo(JSON.stringify(studyInput))): Promise<RecordingIo> =>
  runSkiplane(['study', ...args, '--url', server.url], {
    io,
    commands: [(setup) => studyCommand(setup, () => Promise.resolve(machine()))],
  });

/** The body and the key of the next submission. */
function submission(): { body: Record<string, unknown>; key: unknown } {
  const seen = { body: {}, key: undefined as unknown };
  server.on('POST /v1/studies', (request, response, body) => {
    seen.body = JSON.parse(body) as Record<string, unknown>;
    seen.key = request.headers['idempotency-key'];
    json(sampleStudy(), 201)(request, response, body);
  });
  return seen;
}

describe('skiplane study', () => {
  it('submits a file, tells what becomes of its runs and prints the table', async () => {
    const file = join(folder, 'grid.json');
    await writeFile(file, JSON.stringify(studyInput));
    const seen = submission();
    const io = await study([file, '--idempotency-key', 'k1']);
    expect(io.exitCode()).toBe(0);
    expect(seen.key).toBe('k1');
    expect(seen.body).toMatchObject({ name: 'depth', seeds: [1, 2] });
    expect(io.errLines).toEqual([
      `study s1b2c3d4 submitted: 4 runs; ${server.url}/studies/s1b2c3d4`,
      '20 s1 finished, training error 25.0 %, validation error 12.5 %',
      '20 s2 running',
      'study depth, running: 1 of 4 runs over: 20 s2 25 %',
      '20 s2 finished, training error 25.0 %, validation error 12.5 %',
      '56 s1 finished, training error 25.0 %, validation error 12.5 %',
      '56 s2 finished, training error 25.0 %, validation error 12.5 %',
    ]);
    expect(io.outLines.join('\n')).toMatch(
      /^DEPTH +PARAMETERS +RUNS +TRAIN ERROR % +VAL ERROR % +BEST VAL ERROR %\n20 +269,722 +2\/2 +12\.34 ± 1\.23 +12\.34 +-\n56 +269,722 +1\/2 .*\nmissing from 56: seed 2 failed: Loss is not finite$/,
    );
  });

  it.each([
    ['finished with a run that failed', endedStudy('finished', 3), 1],
    ['failed', endedStudy('failed'), 1],
    ['cancelled', endedStudy('cancelled'), 4],
  ])('ends a study that is %s with its code', async (_, ended, code) => {
    server.on(STUDY, json(ended));
    expect((await study(['-'])).exitCode()).toBe(code);
  });

  it('prints JSON alone when asked to, and only submits when asked to', async () => {
    const io = await study(['-', '--json']);
    expect(JSON.parse(io.outLines.join(''))).toEqual(sampleStudyTable());
    const submitted = await study(['-', '--json', '--no-watch']);
    expect(JSON.parse(submitted.outLines.join(''))).toEqual(sampleStudy());
    expect((await study(['-', '--no-watch'])).outLines).toEqual(['show it with: skiplane studies show s1b2c3d4']);
    expect(server.asked.filter((route) => route === STUDY)).toHaveLength(2);
  });

  it('writes table and figures into a folder', async () => {
    for (const format of ['markdown', 'csv'])
      server.on(`${STUDY}/table?format=${format}`, (_request, response) => void response.end(format));
    for (const name of sampleStudy().figures)
      server.on(`${STUDY}/figures/${name}.svg`, (_request, response) => void response.end(`<svg>${name}`));
    const output = join(folder, 'new', 'results');
    const io = await study(['-', '-o', output]);
    expect(io.exitCode()).toBe(0);
    expect((await readdir(output)).toSorted()).toEqual([
      'depth-error-by-depth.svg',
      'depth-error-by-iteration.svg',
      'depth-table.csv',
      'depth-table.md',
    ]);
    expect(await readFile(join(output, 'depth-error-by-depth.svg'), 'utf8')).toBe('<svg>error-by-depth');
    expect(io.errLines.filter((line) => line.startsWith('written: '))).toHaveLength(4);
  });

  it('names every fault of every combination before it asks anybody', async () => {
    const faulty = {
      ...studyInput,
      base: { ...studyInput.base, epochs: 0 },
      axes: [{ name: 'depth', values: [20, 21] }],
    };
    const io = await study(['-'], recordingIo(JSON.stringify(faulty)));
    expect(io.exitCode()).toBe(2);
    const text = io.errLines.join('\n');
    expect(text).toContain('[every combination] epochs');
    expect(text).toContain('[depth=21] model.architecture');
    expect(server.asked).toEqual([]);
    const grid = await study(['-', '--json'], recordingIo(JSON.stringify({ ...studyInput, axes: [], seeds: [] })));
    const { faults } = JSON.parse(grid.errLines.join('')) as { faults: { path: string }[] };
    expect(faults.map(({ path }) => path)).toEqual(['axes', 'seeds']);
  });

  it('knows the study that comes along, and names it where a file is not there', async () => {
    const seen = submission();
    expect((await study(['degradation', '--data-dir', folder])).exitCode()).toBe(0);
    expect(done).toEqual([`draw ${folder}`]);
    expect(seen.body).toMatchObject({ name: 'degradation', base: { dataset: { path: '/drawn/shapes' } } });
    await study(['degradation', '--dataset', '/elsewhere']);
    expect(seen.body).toMatchObject({ base: { dataset: { kind: 'image-folder', path: '/elsewhere' } } });
    const io = await study(['degradatoin']);
    expect(io.exitCode()).toBe(2);
    expect(io.errLines.join('\n')).toContain('studies that come with Skiplane: degradation');
  });

  it('--local starts a stack and stops it, whatever becomes of the study', async () => {
    expect((await study(['-', '--local', '--workers', '3'])).exitCode()).toBe(0);
    expect(done).toEqual(['provision', 'start 3', 'stop']);
    server.on('POST /v1/studies', problem(422, 'Refused', [{ path: 'axes', message: 'no data' }]));
    const io = await study(['-', '--local']);
    expect(io.exitCode()).toBe(2);
    expect(io.errLines.join('\n')).toContain('axes: no data');
    expect(done.at(-1)).toBe('stop');
  });

  it('leaves the study going at Ctrl-C, and cancels it where the stack goes down with the command', async () => {
    const interrupted = async (args: readonly string[]): Promise<RecordingIo> => {
      const io = recordingIo(JSON.stringify(studyInput));
      server.on(STUDY, (request, response, body) => {
        json(sampleStudy())(request, response, body);
        io.interrupt();
      });
      return study(args, io);
    };
    const away = await interrupted(['-']);
    expect(away.exitCode()).toBe(130);
    expect(away.errLines.at(-1)).toBe('detached: the study goes on. Look at it with: skiplane studies show s1b2c3d4');
    const cancel = 'POST /v1/studies/s1b2c3d4/cancel';
    expect(server.asked).not.toContain(cancel);
    server.on(cancel, json(endedStudy('cancelled')));
    expect((await interrupted(['-', '--local'])).exitCode()).toBe(130);
    expect(server.asked).toContain(cancel);
    expect(done.at(-1)).toBe('stop');
  });

  it('goes on watching when the coordinator was away', async () => {
    server.on(STUDY, json(sampleStudy()), hangUp, hangUp, hangUp, hangUp, json(endedStudy('finished')));
    const io = await study(['-']);
    expect(io.exitCode()).toBe(0);
    expect(io.errLines.join('\n')).toContain('connection lost');
  });

  it.each([[[]], [['-', '--workers', '0']], [['-', 'again']]])('refuses %j with 2', async (args) => {
    expect((await study(args)).exitCode()).toBe(2);
    expect(server.asked).toEqual([]);
  });

  it('--help gives an example and the exit codes', async () => {
    const io = await study(['--help']);
    expect(io.exitCode()).toBe(0);
    expect(io.outLines.join('\n')).toMatch(/Example:\n +skiplane study degradation[^]*Exit codes:/);
  });
});
