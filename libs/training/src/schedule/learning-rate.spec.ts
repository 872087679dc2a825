import { describe, expect, it } from '@jest/globals';
import { runSpecSchema, type RunSpecInput, type ScheduleState } from '#contracts';
import { learningRateAt } from './learning-rate.js';
import { INITIAL_SCHEDULE_STATE } from './schedule-state.js';

const EPOCHS = 90;

/** The rate of a step in a run of 90 epochs. */
function rates(
  schedule: NonNullable<RunSpecInput['optimizer']>['schedule'],
  { learningRate = 0.1, perEpoch = 10, state = INITIAL_SCHEDULE_STATE } = {},
): (done: number) => number {
  const { optimizer } = runSpecSchema.parse({
    name: 'r',
    model: { architecture: 'resnet20', numClasses: 10 },
    dataset: { kind: 'image-folder', path: 'x' },
    epochs: EPOCHS,
    optimizer: { learningRate, schedule },
  });
  return (done) => learningRateAt(optimizer, { done, perEpoch, total: EPOCHS * perEpoch }, state);
}

const fallen = (numFalls: number): ScheduleState => ({
  ...INITIAL_SCHEDULE_STATE,
  plateau: { ...INITIAL_SCHEDULE_STATE.plateau, numFalls },
});

describe('the learning rate', () => {
  it('warms up to 3.2 in five epochs and falls to a tenth at 30, 60 and 80 as in Goyal et al.', () => {
    const perEpoch = 157;
    const goyal = { kind: 'steps' as const, milestones: [30, 60, 80], gamma: 0.1, warmupEpochs: 5 };
    const plain = rates(goyal, { learningRate: 3.2, perEpoch });
    expect(plain(0)).toBeCloseTo(3.2 / (5 * perEpoch), 12);
    expect(plain(5 * perEpoch - 1)).toBeCloseTo(3.2, 12);
    expect(plain(30 * perEpoch - 1)).toBe(3.2);
    expect(plain(30 * perEpoch)).toBeCloseTo(0.32, 12);
    expect(plain(80 * perEpoch)).toBeCloseTo(0.0032, 12);
    // Their own warm-up begins at 0.1 and grows by the same amount in every iteration.
    const theirs = rates({ ...goyal, warmupStart: 0.1 / 3.2 }, { learningRate: 3.2, perEpoch });
    expect(theirs(0)).toBeCloseTo(0.1, 12);
    expect(theirs(1) - theirs(0)).toBeCloseTo(3.1 / (5 * perEpoch), 12);
    expect(theirs(5 * perEpoch)).toBe(3.2);
  });

  it('is constant without a schedule', () => {
    expect(rates({ kind: 'constant' })(899)).toBe(0.1);
  });

  it('falls along half a cosine to nearly nothing', () => {
    const cosine = rates({ kind: 'cosine' });
    expect(cosine(0)).toBe(0.1);
    expect(cosine(450)).toBeCloseTo(0.05, 12);
    expect(cosine(899)).toBeLessThan(1e-6);
  });

  it('falls along a line or a power of it to its end, counted from the end of the warm-up', () => {
    const line = rates({ kind: 'linear', warmupEpochs: 10 });
    expect([99, 100, 500, 899].map(line)).toEqual([0.1, 0.1, 0.05, 0.1 * (1 - 799 / 800)]);
    const power = rates({ kind: 'polynomial', power: 2, end: 0.1 });
    expect([0, 450, 899].map(power)).toEqual([0.1, 0.1 * (0.1 + 0.9 * 0.25), 0.1 * (0.1 + 0.9 * (1 - 899 / 900) ** 2)]);
  });

  it('takes fractions of an epoch', () => {
    const half = rates({ kind: 'steps', milestones: [0.5], gamma: 0.5 });
    expect([4, 5].map(half)).toEqual([0.1, 0.05]);
  });

  it('falls on a plateau as often as the state says, to no less than its smallest', () => {
    const plateau = { kind: 'plateau', gamma: 0.5, smallest: 0.2 } as const;
    expect([0, 1, 2, 3].map((numFalls) => rates(plateau, { state: fallen(numFalls) })(5))).toEqual([
      0.1, 0.05, 0.025, 0.020000000000000004,
    ]);
  });

  it('stays low until the training error has fallen, then is the schedule’s', () => {
    const steps = { kind: 'steps' as const, milestones: [1], gamma: 0.1, warmupUntil: {} };
    const over = { ...INITIAL_SCHEDULE_STATE, warmup: { ...INITIAL_SCHEDULE_STATE.warmup, isOver: true } };
    expect([5, 15].map(rates(steps))).toEqual([0.01, 0.01]);
    expect([5, 15].map(rates(steps, { state: over }))).toEqual([0.1, 0.010000000000000002]);
  });
});

describe('a schedule', () => {
  it('is refused with two warm-ups, or with a start and no warm-up', () => {
    expect(() => rates({ kind: 'cosine', warmupEpochs: 1, warmupUntil: {} })).toThrow(/not both/);
    expect(() => rates({ kind: 'cosine', warmupStart: 0.1 })).toThrow(/means nothing without warmupEpochs/);
  });
});
