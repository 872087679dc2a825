import { appendFile, cp, mkdtemp, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { roundPosition, trainingTimeline, type StepMetrics } from '#contracts';
import { decimated } from '../runs/decimate.js';
import { RunDetail } from '../runs/run-detail.js';
import { RunFiles, type MetricsLine } from '../storage/run-files.js';
import { runRecord } from '../testing/run-record.js';

const base = runRecord();
/** 1,000 steps an epoch, 10 epochs. */
const record = runRecord({
  spec: { ...base.spec, epochs: 10 },
  dataset: { ...base.dataset, numTrainSamples: 4_000 },
});
const numbers = trainingTimeline(record);

function line(step: number, changes: Partial<StepMetrics> = {}): MetricsLine {
  const round = step - 1 + Math.floor((step - 1) / 1_000);
  const { epoch } = roundPosition(numbers, round);
  const timings = { dataMs: 1, computeMs: 2, exchangeMs: 3, updateMs: 4 };
  // As a run has them that an earlier version began.
  const digest = step.toString(16).padStart(step < 2_000 ? 32 : 16, '0');
  const facts = { step, round, epoch, loss: 1 / step, accuracy: 0.5, samples: 4, learningRate: 0.1 };
  return { kind: 'step', incarnation: 1, step: { ...facts, at: step, durationMs: 1, timings, digest, ...changes } };
}

let directory: string;
let files: RunFiles;
let detail: RunDetail;
const pathOf = (...names: string[]): string => join(directory, 'runs', 'r1', ...names);

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skiplane-steps-'));
  files = await RunFiles.create(directory, 'r1');
  detail = new RunDetail(record, files.snapshot.folder);
});
afterEach(async () => {
  await files.close();
  await rm(directory, { recursive: true });
});

function take(from: number, to: number, changes: Partial<StepMetrics> = {}): void {
  for (let step = from; step <= to; step += 1) {
    const taken = line(step, changes);
    if (detail.take(taken) !== 'same') files.appendMetrics([taken]);
  }
}

/** All that a run shows of its steps. */
function shown({ training }: RunDetail): unknown {
  const { series } = training;
  const zooms = [
    [1, 10_000, 50],
    [100, 900, 100],
    [1_990, 2_020, 1_000],
  ] as const;
  return {
    ledger: training.ledgerView(),
    page: training.ledgerPage(990, 2_000),
    metrics: zooms.map(([from, to, points]) => decimated(series, from, to, points)),
  };
}

const reread = (isWhole = false): Promise<RunDetail> => RunDetail.read(record, RunFiles.of(directory, 'r1'), isWhole);

describe('the columns of a run', () => {
  it('are the same whether they are read from disk, half of each, or from the first line on', async () => {
    take(1, 3_000);
    await detail.save(files);
    take(3_001, 4_321);
    await files.sync();
    const before = shown(detail);
    expect(shown(await reread())).toEqual(before);
    expect(shown(await reread(true))).toEqual(before);
    expect((await reread()).training.series.numUnsavedBlocks).toBe(0);
    expect((await reread()).roundsDoneBy(1)).toBe(4_325);
  });

  it('read no line twice: what lies before the snapshot is not looked at', async () => {
    take(1, 2_000);
    await detail.save(files);
    const text = await readFile(pathOf('metrics.jsonl'), 'utf8');
    // Other bytes in the place of the first half; the end is what tells the file from another.
    await writeFile(pathOf('metrics.jsonl'), 'x'.repeat(100_000) + text.slice(100_000));
    expect(shown(await reread())).toEqual(shown(detail));
  });

  it('are made anew where they belong to other files, are damaged, of another version or away', async () => {
    take(1, 3_000);
    await detail.save(files);
    const before = shown(detail);
    const flip = async (name: string, at: number): Promise<void> => {
      const file = await open(pathOf('steps', name), 'r+');
      await file.write(Buffer.from([0xff]), 0, 1, at);
      await file.close();
    };
    const harms: Readonly<Record<string, () => Promise<unknown>>> = {
      'a snapshot that is no JSON': () => writeFile(pathOf('steps', 'snapshot.json'), '{"version":'),
      'a snapshot of another version': () => writeFile(pathOf('steps', 'snapshot.json'), '{"version":2}'),
      'no columns': () => rm(pathOf('steps'), { recursive: true }),
      'a byte that is another one': () => flip('rows.bin', 2_584 * 187 + 5),
    };
    for (const [harm, act] of Object.entries(harms)) {
      await act();
      expect([harm, shown(await reread())]).toEqual([harm, before]);
      expect([harm, shown(await reread())]).toEqual([harm, before]);
    }
    await truncate(pathOf('metrics.jsonl'), (await stat(pathOf('metrics.jsonl'))).size - 10);
    expect((await reread()).training.series.lastStep).toBe(2_999);
  });

  it('survive a crash at any moment of a save', async () => {
    take(1, 1_003);
    await detail.save(files);
    take(1_004, 1_500);
    detail.take(line(7, { loss: 9 }));
    files.appendMetrics([line(7, { loss: 9 })]);
    await files.sync();
    const old = join(directory, 'old');
    await cp(pathOf('steps'), old, { recursive: true });
    await detail.save(files);
    const after = shown(detail);
    // The columns are of now; the snapshot was taken away before they were written, or is there again.
    await rm(pathOf('steps', 'snapshot.json'));
    expect(shown(await reread())).toEqual(after);
    // Later steps only: columns of now with the snapshot of before.
    take(1_501, 2_000);
    await files.sync();
    await cp(pathOf('steps', 'snapshot.json'), join(old, 'snapshot.json'));
    await detail.save(files);
    await cp(join(old, 'snapshot.json'), pathOf('steps', 'snapshot.json'));
    expect(shown(await reread())).toEqual(shown(detail));
    expect((await reread()).training.series.get(7)?.loss).toBe(9);
  });

  it('hold nothing that is not in metrics.jsonl', async () => {
    take(1, 500);
    await detail.save(files);
    const torn = '{"kind":"step","incar';
    await appendFile(pathOf('metrics.jsonl'), torn);
    expect((await reread()).training.series.lastStep).toBe(500);
    await files.close();
    const again = RunFiles.of(directory, 'r1');
    const held = await RunDetail.read(record, again);
    held.take(line(501));
    again.appendMetrics([line(501)]);
    await held.save(again);
    await again.close();
    expect(shown(await reread())).toEqual(shown(await reread(true)));
    expect((await reread()).training.series.lastStep).toBe(501);
  });

  it('take little memory while a run goes on', async () => {
    for (let begin = 1; begin <= 10_000; begin += 1_000) {
      take(begin, begin + 999);
      await detail.save(files);
      expect(detail.training.series.numUnsavedBlocks).toBe(0);
    }
    expect(decimated(detail.training.series, 1, 10_000, 100).steps.map(({ step }) => step)).toContain(10_000);
  });
});

describe('a journal', () => {
  it('is told from a line on, however long it is', async () => {
    const events = Array.from({ length: 5_000 }, (_, index) => ({
      id: index + 1,
      at: index,
      level: index % 1_000 === 7 ? ('warning' as const) : ('info' as const),
      topic: 'checkpoint',
      message: `checkpoint of step ${index} `.repeat(1 + (index % 5)),
    }));
    for (const event of events) detail.journal.note([event]);
    files.appendJournal(events);
    await files.sync();
    for (const after of [0, 1, 17, 2_500, 4_990, 4_999, 5_000, 9_000]) {
      expect(await RunFiles.of(directory, 'r1').journalAfter(after)).toEqual(events.slice(after));
    }
    take(1, 1);
    await detail.save(files);
    expect(detail.journal.newest.length).toBeLessThanOrEqual(1_000);
    const again = await reread();
    expect([again.journal.lastId, again.journal.newest.length]).toEqual([5_000, 0]);
    expect(again.journal.warnings.view()).toEqual(detail.journal.warnings.view());
    expect(again.journal.warnings.view().numWarnings).toBe(5);
  });
});
