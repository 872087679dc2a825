import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { packageRoot } from '../../local-stack/package-root.js';
import { runSkiplane } from '../../testing/run-skiplane.js';
import { compareInTurn, type Row, type Way } from './compare-in-turn.js';
import { chosenRows } from './measure-bench.js';
import { measuredOf } from './measure-run.js';
import { resultDocument, resultText } from './result-text.js';
import { benchResultSchema, readBenchResult, type BenchResult } from './bench-result.js';

const note = (): void => undefined;

/** Gives the values of a list, one a round; `log` hears of it. */
function way(name: string, values: readonly number[], log: string[] = []): Way {
  let round = 0;
  return {
    name,
    measure: () => {
      log.push(name);
      return Promise.resolve({ value: values[round++] ?? Number.NaN });
    },
  };
}

const row = (id: string, own: Way, peers: readonly Way[] = [], unit: Row['unit'] = 'images/s'): Row => ({
  id,
  title: id,
  unit,
  own,
  peers,
});

describe('measuring in turn', () => {
  it('goes through all rows in each round, a shared way once, and takes the median of the ratios of a round', async () => {
    const log: string[] = [];
    const own = way('own', [10, 30, 20], log);
    const peer = way('peer', [10, 10, 10], log);
    const rows = [row('a', own, [peer]), row('b', way('other', [1, 2, 3], log), [own])];
    const [a, b] = await compareInTurn(rows, { rounds: 3, limitMs: Infinity, note });
    expect(log).toEqual(Array.from({ length: 3 }, () => ['own', 'peer', 'other']).flat());
    expect(a).toMatchObject({ value: 20, rounds: 3, peers: [{ name: 'peer', value: 10, ratio: 2, facts: {} }] });
    expect(b?.peers).toEqual([{ name: 'own', value: 20, ratio: 0.1, facts: {} }]);
  });

  it('turns ratios of milliseconds round: above 1 is faster', async () => {
    const rows = [row('a', way('own', [50]), [way('gloo', [100])], 'ms')];
    const [comparison] = await compareInTurn(rows, { rounds: 1, limitMs: Infinity, note });
    expect(comparison?.peers).toEqual([{ name: 'gloo', value: 100, ratio: 2, facts: {} }]);
  });

  it('begins no round that would end too late, but the first', async () => {
    let clock = 0;
    const own = {
      name: 'own',
      measure: () => Promise.resolve({ value: (clock += 100) }),
    };
    const options = { rounds: 9, note, now: () => clock };
    expect(await compareInTurn([row('a', own)], { ...options, limitMs: 350 })).toMatchObject([{ rounds: 3 }]);
    expect(await compareInTurn([row('a', own)], { ...options, limitMs: 50 })).toMatchObject([{ rounds: 1 }]);
  });
});

describe('rows of the benchmark', () => {
  const rows = ['step/resnet20/1x32/fp32', 'step/resnet50/1x8/fp32', 'loader/1-thread'].map((id) =>
    row(id, way('own', [])),
  );

  it('are chosen by whole parts of their ids', () => {
    const ids = (only: readonly string[]): readonly string[] => chosenRows(rows, only).map(({ id }) => id);
    expect(ids([])).toHaveLength(3);
    expect(ids(['step/resnet50', 'loader'])).toEqual(['step/resnet50/1x8/fp32', 'loader/1-thread']);
  });

  it('are named where there are none', () => {
    expect(() => chosenRows(rows, ['step/res', 'loader', 'gloo'])).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('step/resnet20/1x32/fp32, step/resnet50') as unknown,
        faults: [
          { path: '--only', message: 'no row begins with step/res' },
          { path: '--only', message: 'no row begins with gloo' },
        ],
      }),
    );
  });
});

describe('a whole run', () => {
  it('counts from the end of the last skipped step, with what lies between the steps', () => {
    const steps = [0, 1_000, 2_500, 4_000].map((at, index) => ({
      step: index + 1,
      round: index,
      epoch: 0,
      loss: 1,
      accuracy: 0,
      learningRate: 0.1,
      samples: 100,
      at,
      durationMs: 1_000,
      timings: { dataMs: 100, computeMs: 600, exchangeMs: 200, updateMs: 100 },
    }));
    expect(measuredOf(steps, 2)).toEqual({
      value: 200 / 3,
      facts: { 'data %': 10, 'compute %': 60, 'exchange %': 20, 'update %': 10 },
    });
    expect(() => measuredOf(steps, 4)).toThrow('the run had 4 steps');
  });
});

const result: BenchResult = {
  version: 1,
  at: '2026-11-29T10:00:00.000Z',
  seconds: 720,
  machine: { cpu: 'EPYC', cores: 2, memoryBytes: 2 ** 34, instructions: 'avx2', system: 'Linux 6', gpu: null },
  versions: { node: '20.20.0', torch: '2.15.0' },
  rows: [
    {
      id: 'step/resnet20/1x32/fp32',
      title: 'resnet20',
      unit: 'images/s',
      value: 300,
      facts: {},
      rounds: 3,
      peers: [
        { name: 'PyTorch, 2 threads', value: 200, ratio: 1.5, facts: {} },
        { name: 'PyTorch DDP', value: 400, ratio: 0.75, facts: { 'processor time, ms': 7 } },
      ],
    },
    {
      id: 'run/resnet20',
      title: 'run',
      unit: 'images/s',
      value: 280,
      rounds: 3,
      peers: [],
      facts: { 'data %': 1, 'compute %': 94 },
    },
  ],
};

describe('the result', () => {
  it('has both numbers beside each ratio, in the text and in the document', () => {
    const text = resultText(result);
    expect(text).toMatch(/resnet20 +300 +images\/s +PyTorch, 2 threads +200 +1\.50\n +PyTorch DDP +400 +0\.75/);
    expect(text).toContain('run, skiplane: data % 1.0, compute % 94.0');
    expect(text).toContain('resnet20, PyTorch DDP: processor time, ms 7.0');
    const page = resultDocument(result);
    expect(page).toContain('| resnet20 | 300 | images/s | PyTorch, 2 threads | 200 | 1.50 |');
    expect(page).toContain('|  |  |  | PyTorch DDP | 400 | 0.75 |');
    expect(page).toContain('| machine | EPYC, 2 cores, 16 GiB, avx2 |');
    expect(page).toContain('2026-11-29, 12 minutes');
    expect(page).not.toContain('- **loader**');
  });
});

describe('.docs/benchmarks.md', () => {
  const committed = join(packageRoot(), '.docs', 'benchmarks.json');
  const test = existsSync(committed) ? it : it.skip;

  test('is the page of .docs/benchmarks.json, where a result is committed', async () => {
    const page = await readFile(committed.replace(/json$/, 'md'), 'utf8');
    expect(page).toBe(resultDocument(await readBenchResult(committed)));
  });
});

describe('skiplane bench', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skiplane-bench-spec-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('shows a saved result and writes its document', async () => {
    const [file, copy] = [join(folder, 'a.json'), join(folder, 'b.json')];
    await writeFile(file, JSON.stringify(result));
    const io = await runSkiplane(['bench', '--from', file, '--save', copy, '--json']);
    expect(io.exitCode()).toBe(0);
    expect(benchResultSchema.parse(JSON.parse(io.outLines.at(-1) ?? ''))).toEqual(result);
    expect(await readFile(join(folder, 'b.md'), 'utf8')).toBe(resultDocument(result));
  });

  it('refuses what it cannot do, in words', async () => {
    const noPeer = await runSkiplane(['bench', '--peer', '/nowhere']);
    expect([noPeer.exitCode(), noPeer.errLines.join('\n')]).toEqual([
      2,
      expect.stringContaining('/nowhere/bin/python does not exist') as unknown,
    ]);
    const file = join(folder, 'other.json');
    await writeFile(file, JSON.stringify({ ...result, version: 2, seconds: 'long' }));
    const other = await runSkiplane(['bench', '--from', file]);
    expect(other.exitCode()).toBe(2);
    expect(other.errLines.join('\n')).toMatch(/is not a result of bench[\s\S]*version[\s\S]*seconds/);
    const save = await runSkiplane(['bench', '--from', file, '--save', join(folder, 'out.md')]);
    expect([save.exitCode(), save.errLines.join('\n')]).toEqual([2, expect.stringContaining('ends in .json')]);
  });
});
