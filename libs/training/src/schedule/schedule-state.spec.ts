import { describe, expect, it } from '@jest/globals';
import { randomStream, runSpecSchema, scheduleStateSchema, type RunSpecInput, type ScheduleState } from '#contracts';
import { INITIAL_SCHEDULE_STATE, reduceSchedule, type RoundOutcome } from './schedule-state.js';

type Schedule = Parameters<typeof reduceSchedule>[0];

function scheduleOf(schedule: NonNullable<RunSpecInput['optimizer']>['schedule']): Schedule {
  return runSpecSchema.parse({
    name: 'r',
    model: { architecture: 'resnet110', numClasses: 10 },
    dataset: { kind: 'image-folder', path: 'x' },
    epochs: 90,
    optimizer: { schedule },
  }).optimizer.schedule;
}

const evaluation = (round: number, accuracy: number, loss = 1): RoundOutcome => ({
  kind: 'evaluate',
  round,
  accuracy,
  loss,
  samples: 100,
});
const step = (round: number, accuracy: number, loss = 1): RoundOutcome => ({
  kind: 'train',
  round,
  accuracy,
  loss,
  samples: 128,
});
const run = (schedule: Schedule, rounds: readonly RoundOutcome[], from = INITIAL_SCHEDULE_STATE): ScheduleState =>
  rounds.reduce((state, round) => reduceSchedule(schedule, state, round), from);
const fallsAfter = (schedule: Schedule, rounds: readonly RoundOutcome[]): number[] =>
  rounds.map((_, index) => run(schedule, rounds.slice(0, index + 1)).plateau.numFalls);

describe('a plateau', () => {
  it('lets the rate fall when more epochs than its patience bring no new best', () => {
    const schedule = scheduleOf({ kind: 'plateau', patience: 2, threshold: 0 });
    const accuracies = [0.5, 0.6, 0.6, 0.59, 0.6, 0.61, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6];
    const rounds = accuracies.map((accuracy, round) => evaluation(round, accuracy));
    expect(fallsAfter(schedule, rounds)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 3]);
  });

  it('asks of a best that it be better by the threshold, and spares the epochs after a fall', () => {
    const schedule = scheduleOf({
      kind: 'plateau',
      metric: 'validation-loss',
      patience: 0,
      threshold: 0.1,
      cooldown: 2,
    });
    const losses = [1, 0.95, 0.95, 0.95, 0.95, 0.85];
    const rounds = losses.map((loss, round) => evaluation(round, 0.5, loss));
    expect(fallsAfter(schedule, rounds)).toEqual([0, 1, 1, 1, 2, 2]);
  });

  it('judges the training error of the epoch, each sample once', () => {
    const schedule = scheduleOf({ kind: 'plateau', metric: 'training-error', patience: 0 });
    const small = { ...step(1, 1), samples: 32 };
    const state = run(schedule, [step(0, 0.25), small, evaluation(2, 0.9)]);
    expect(state.plateau).toMatchObject({ best: 1 - 64 / 160, correct: 0, samples: 0 });
    expect(run(schedule, [step(3, 0.4), evaluation(4, 0.95)], state).plateau.numFalls).toBe(1);
  });
});

describe('a warm-up by the training error', () => {
  const schedule = scheduleOf({ kind: 'constant', warmupUntil: { overSteps: 4 } });

  it('ends with the first block of steps whose error is below the bound, and for good', () => {
    const blocks = [0.1, 0.3, 0.1, 0.1, 0.2, 0.2, 0.2, 0.2, 0.25, 0.2, 0.2, 0.2, 0, 0, 0, 0];
    const over = blocks.map(
      (_, index) =>
        run(
          schedule,
          blocks.slice(0, index + 1).map((accuracy, round) => step(round, accuracy)),
        ).warmup.isOver,
    );
    expect(over.indexOf(true)).toBe(11);
    expect(over.slice(11)).toEqual([true, true, true, true, true]);
  });

  it('lets a plateau wait', () => {
    const waiting = scheduleOf({ kind: 'plateau', patience: 0, warmupUntil: { overSteps: 1 } });
    const flat = [evaluation(0, 0.1), evaluation(1, 0.1), evaluation(2, 0.1)];
    expect(fallsAfter(waiting, [...flat, step(3, 0.3), evaluation(4, 0.1)])).toEqual([0, 0, 0, 0, 1]);
  });
});

describe('the state of a schedule', () => {
  const schedule = scheduleOf({
    kind: 'plateau',
    metric: 'training-loss',
    patience: 1,
    warmupUntil: { overSteps: 3 },
  });
  const random = randomStream(5);
  const rounds = Array.from({ length: 60 }, (_, round) =>
    (round % 6 === 5 ? evaluation : step)(round, Math.fround(random.nextFloat()), Math.fround(random.nextFloat())),
  );

  it('is the same wherever a run is taken up again, through JSON, and whatever is seen twice', () => {
    const whole = run(schedule, rounds);
    expect(whole.plateau.numFalls).toBeGreaterThan(1);
    for (const cut of [0, 1, 5, 6, 17, 30, 59]) {
      const half = run(schedule, rounds.slice(0, cut));
      const carried = scheduleStateSchema.parse(JSON.parse(JSON.stringify(half)));
      expect(carried).toEqual(half);
      expect(run(schedule, rounds.slice(Math.max(0, cut - 7)), carried)).toEqual(whole);
    }
  });

  it('is not moved by a step whose samples were all left out', () => {
    const empty = { ...step(7, Number.NaN, 0), samples: 0 };
    expect(reduceSchedule(schedule, INITIAL_SCHEDULE_STATE, empty)).toEqual({ ...INITIAL_SCHEDULE_STATE, round: 8 });
  });
});
