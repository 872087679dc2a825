import { describe, expect, it } from '@jest/globals';
import { CHAIN_START, chainAfter, type LedgerStep, type RunView } from '#contracts';
import { sampleRun } from '../../testing/sample-run.js';
import { diffLedgers } from '../diff/diff-ledgers.js';
import { verifyLedger } from './verify-ledger.js';

/** 10 samples in steps of 4: 3 steps an epoch. */
function stepsOfTwoEpochs(): LedgerStep[] {
  let chain = CHAIN_START;
  return [4, 4, 2, 4, 4, 2].map((samples, index) => {
    const step = index + 1;
    const digest = step.toString(16).padStart(32, '0');
    chain = chainAfter(chain, { step, loss: 1 / step, digest });
    return { step, epoch: Math.floor(index / 3), samples, loss: 1 / step, learningRate: 0.1, digest, chain };
  });
}

function finishedRun(steps: readonly LedgerStep[]): RunView {
  const row = (epoch: number): RunView['ledger'][number] => ({
    epoch,
    samples: 10,
    expected: 10,
    missing: 0,
    repeated: 0,
    chain: steps[epoch * 3 + 2]?.chain ?? null,
  });
  const { spec, dataset } = sampleRun();
  return sampleRun({
    state: 'finished',
    spec: { ...spec, lanes: 2, laneBatchSize: 2, epochs: 2 },
    dataset: { ...dataset, numTrainSamples: 10 },
    ledger: [row(0), row(1)],
  });
}

async function* stream(steps: readonly LedgerStep[]): AsyncGenerator<LedgerStep> {
  yield* steps;
}

/** Pages of four steps. */
async function* pages(steps: readonly LedgerStep[]): AsyncGenerator<readonly LedgerStep[]> {
  for (let from = 0; from < steps.length; from += 4) yield steps.slice(from, from + 4);
}

const changed = (steps: readonly LedgerStep[], index: number, change: Partial<LedgerStep>): LedgerStep[] =>
  steps.map((step, at) => (at === index ? { ...step, ...change } : step));

describe('verifyLedger', () => {
  const whole = stepsOfTwoEpochs();
  const run = finishedRun(whole);
  const faults = async (steps: readonly LedgerStep[]): Promise<readonly string[]> =>
    (await verifyLedger(run, pages(steps))).faults;

  it('finds a whole ledger right and ends where the run says', async () => {
    const verdict = await verifyLedger(run, pages(whole));
    expect(verdict).toMatchObject({ steps: 6, chain: whole[5]?.chain, faults: [] });
    expect(verdict.epochs).toEqual(run.ledger);
  });

  it('takes a run that ended by time for whole where its ledger reaches the end or goes on behind it', async () => {
    const stopped = { step: 4, epoch: 1, cause: 'time', reason: 'used up' } as const;
    const upTo = async (step: number, end: RunView['stopped']): Promise<readonly string[]> => {
      const chain = whole[step - 1]?.chain ?? null;
      const samples = step === 6 ? 10 : 4 * (step - 3);
      const rows = run.ledger.slice(0, step > 3 ? 2 : 1);
      const ledger = rows.map((row) => (row.epoch === 1 ? { ...row, samples, chain } : row));
      return (await verifyLedger({ ...run, ledger, stopped: end }, pages(whole.slice(0, step)))).faults;
    };
    for (const step of [4, 5, 6]) expect(await upTo(step, stopped)).toEqual([]);
    expect(await upTo(3, stopped)).toEqual(['the run finished, but its ledger ends at step 3 of 4']);
    expect(await upTo(5, { ...stopped, cause: 'target' })).toContain("step 5 is none of the run's 4");
  });

  it('notices a loss changed in its last bit, though the run vouches for it', async () => {
    const found = await faults(changed(whole, 2, { loss: 1 / 3 + 2 ** -54 }));
    expect(found[0]).toMatch(/^the chain after step 3 is/);
    expect(found).toHaveLength(3);
  });

  it('notices another digest, an order that is no order, a step twice and one that is not there', async () => {
    expect((await faults(changed(whole, 0, { digest: 'a'.repeat(32) })))[0]).toMatch(/^the chain after step 1 is/);
    const [a, b, c, d, e, f] = whole;
    const pick = (...steps: (LedgerStep | undefined)[]): LedgerStep[] => steps.flatMap((step) => step ?? []);
    expect(await faults(pick(a, c, b, d, e, f))).toEqual(
      expect.arrayContaining(['step 2 is missing', 'step 2 comes after step 3']),
    );
    const twice = await verifyLedger(run, pages(pick(a, b, b, c, d, e, f)));
    expect(twice.faults[0]).toBe('step 2 comes after step 2');
    expect(twice.epochs[0]).toMatchObject({ samples: 14, missing: 0, repeated: 4 });
    const gap = await verifyLedger(run, pages(pick(a, d, e, f)));
    expect(gap.faults[0]).toBe('steps 2 to 3 are missing');
    expect(gap.epochs[0]).toMatchObject({ samples: 4, missing: 6, repeated: 0 });
    expect(gap.chain).toBeNull();
  });

  it('notices wrong counts, epochs and ends', async () => {
    expect((await faults(changed(whole, 2, { samples: 4 })))[0]).toBe('step 3 has 4 samples instead of 2');
    expect(await faults(changed(whole, 3, { epoch: 0 }))).toEqual(['step 4 is said to be of epoch 1']);
    expect(await faults(whole.slice(0, 5))).toEqual([
      expect.stringMatching(/^epoch 2: the run says 10 samples/),
      'the run finished, but its ledger ends at step 5 of 6',
    ]);
    expect(await faults([...whole, { ...stepsOfTwoEpochs()[0], step: 7 } as LedgerStep])).toEqual([
      "step 7 is none of the run's 6",
    ]);
  });

  it('counts samples of unreadable files apart, and takes them of no run that refuses such files', async () => {
    const once = changed(whole, 1, { samples: 3, leftOut: 1 });
    const lacking = changed(once, 4, { samples: 3, leftOut: 1 });
    const [first, second] = run.ledger;
    if (!first || !second) throw new Error('two epochs');
    const { dataset } = run.spec;
    const withRule = (unreadable: 'refuse' | 'skip'): RunView => ({
      ...run,
      spec: { ...run.spec, dataset: { kind: 'image-folder', path: dataset.path, unreadable, orientation: 'upright' } },
      ledger: [first, second].map((row) => ({ ...row, samples: 9, leftOut: 1 })),
    });
    const verdict = await verifyLedger(withRule('skip'), pages(lacking));
    expect(verdict.faults).toEqual([]);
    expect(verdict.epochs[0]).toMatchObject({ samples: 9, missing: 0, repeated: 0, leftOut: 1 });
    expect((await verifyLedger(withRule('refuse'), pages(lacking))).faults).toEqual([
      'step 2 left out 1 samples, the run refuses to',
      'step 5 left out 1 samples, the run refuses to',
    ]);
    const short = changed(lacking, 1, { samples: 2 });
    expect((await verifyLedger(withRule('skip'), pages(short))).faults[0]).toBe(
      'step 2 has 2 samples instead of 4 (1 left out)',
    );
    // Where an epoch is drawn by class, it may have more or less of what cannot be read.
    const drawn = withRule('skip');
    drawn.spec.dataset.balance = 'classes';
    const uneven = changed(once, 4, { samples: 4 });
    expect((await verifyLedger(drawn, pages(uneven))).faults).not.toContainEqual(
      expect.stringContaining('in every epoch'),
    );
    expect((await verifyLedger(drawn, pages(lacking))).epochOf).toBe('draws');
    // A count is not enough: what cannot be read lacks in every epoch.
    expect((await verifyLedger(withRule('skip'), pages(once))).faults).toContain(
      'epoch 2 left out 0 samples and epoch 1 1: what cannot be read is lacking in every epoch',
    );
  });

  it('finds the place at which a run that trains was asked', async () => {
    const asked = finishedRun(whole);
    const row = { epoch: 1, samples: 4, expected: 10, missing: 0, repeated: 0, chain: whole[3]?.chain ?? null };
    const running: RunView = { ...asked, state: 'running', ledger: [...asked.ledger.slice(0, 1), row] };
    expect((await verifyLedger(running, pages(whole.slice(0, 5)))).faults).toEqual([]);
  });
});

describe('diffLedgers', () => {
  const whole = stepsOfTwoEpochs();
  const diff = (a: readonly LedgerStep[], b: readonly LedgerStep[]): ReturnType<typeof diffLedgers> =>
    diffLedgers(stream(a), stream(b));

  it('tells two zeros apart and not two equal steps', async () => {
    expect(await diff(whole, stepsOfTwoEpochs())).toEqual({
      sameSteps: 6,
      withoutDigest: 0,
      otherDigests: 0,
      first: null,
      longer: null,
    });
    expect((await diff(changed(whole, 0, { loss: 0 }), changed(whole, 0, { loss: -0 }))).first?.what).toEqual(['loss']);
  });

  it('names a step that one of them lacks, and steps that cannot be compared', async () => {
    const lacking = await diff(whole, whole.toSpliced(1, 1));
    expect(lacking.first).toEqual({ step: 2, what: ['missing'], a: whole[1], b: null });
    expect(await diff(whole, changed(whole, 1, { digest: null }))).toMatchObject({ sameSteps: 6, withoutDigest: 1 });
    expect(await diff(whole, changed(whole, 1, { digest: 'a'.repeat(16) }))).toMatchObject({
      sameSteps: 6,
      otherDigests: 1,
      withoutDigest: 0,
    });
    expect(await diff(whole.slice(0, 2), whole)).toMatchObject({ sameSteps: 2, longer: 'b' });
  });
});
