import { describe, expect, it, jest } from '@jest/globals';
import type { Evaluation, StepMetrics } from '#contracts';
import { CommitLog, type CommitReporter } from './commit-log.js';

const timings = { dataMs: 0, computeMs: 1, exchangeMs: 0, updateMs: 0 };
const metrics = (step: number): StepMetrics => ({
  step,
  round: step - 1,
  epoch: 0,
  loss: 1,
  accuracy: 0,
  samples: 4,
  learningRate: 0.1,
  at: step,
  durationMs: 1,
  timings,
});
const evaluation = (epoch: number): Evaluation => ({ epoch, step: 1, loss: 1, accuracy: 0, samples: 4, at: 1 });

function record(): {
  readonly reporter: CommitReporter;
  readonly steps: number[][];
  readonly epochs: number[];
} {
  const steps: number[][] = [];
  const epochs: number[] = [];
  const reporter: CommitReporter = {
    steps: (sent) => void steps.push(sent.map(({ step }) => step)),
    evaluation: ({ epoch }) => void epochs.push(epoch),
  };
  return { reporter, steps, epochs };
}

describe('what a replica reports of the commits', () => {
  it('goes on reporting when the clock of the host is set back', () => {
    const { reporter, steps } = record();
    const log = new CommitLog(reporter);
    const [wall, monotonic] = [jest.spyOn(Date, 'now'), jest.spyOn(performance, 'now')];
    try {
      for (const [step, at] of [1, 2, 3].entries()) {
        wall.mockReturnValue(1e12 - step * 3_600_000);
        monotonic.mockReturnValue(at * 600);
        log.step(metrics(step + 1), true);
      }
    } finally {
      wall.mockRestore();
      monotonic.mockRestore();
    }
    expect(steps).toEqual([[1], [2], [3]]);
  });

  it('batches steps to at most two reports a second', () => {
    let now = 1_000;
    const { reporter, steps } = record();
    const log = new CommitLog(reporter, () => now);
    for (let step = 1; step <= 20; step += 1) {
      log.step(metrics(step), true);
      now += 100;
    }
    log.flush(true);
    expect(steps.flat()).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(steps.length).toBeLessThanOrEqual(5);
  });

  it('says nothing as a follower, and everything it remembers when it becomes the leader', () => {
    const { reporter, steps, epochs } = record();
    const log = new CommitLog(reporter, () => 1e6);
    for (let step = 1; step <= 3; step += 1) log.step(metrics(step), false);
    log.evaluation(evaluation(0), false);
    log.flush(false);
    expect([steps, epochs]).toEqual([[], []]);
    log.step(metrics(4), true);
    expect(steps.flat()).toEqual([1, 2, 3, 4]);
  });

  it('a leader that took over after the last commit reports all the same', () => {
    const { reporter, steps, epochs } = record();
    const log = new CommitLog(reporter, () => 1e6);
    for (let step = 1; step <= 3; step += 1) log.step(metrics(step), false);
    log.evaluation(evaluation(0), false);
    log.flush(true);
    expect([steps.flat(), epochs]).toEqual([[1, 2, 3], [0]]);
    log.flush(true);
    expect(steps.flat()).toEqual([1, 2, 3]);
  });

  it('a newcomer that comes to lead reports what it was given with the state', () => {
    const { reporter, steps, epochs } = record();
    const donor = new CommitLog(record().reporter, () => 1e6);
    for (let step = 1; step <= 3; step += 1) donor.step(metrics(step), false);
    donor.evaluation(evaluation(0), false);
    const log = new CommitLog(reporter, () => 1e6);
    log.learn(donor.memory);
    log.flush(false);
    expect([steps, epochs]).toEqual([[], []]);
    log.step(metrics(4), true);
    expect([steps.flat(), epochs]).toEqual([[1, 2, 3, 4], [0]]);
    // It fell behind and got another's memory, which overlaps with its own.
    log.learn({ steps: [3, 4, 5].map(metrics), evaluations: [evaluation(0)] });
    expect(log.memory.steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
    expect(log.memory.evaluations).toHaveLength(1);
  });

  it('a new leader repeats the evaluations its predecessor may have taken with it', () => {
    const { reporter, epochs } = record();
    const log = new CommitLog(reporter, () => 1e6);
    log.evaluation(evaluation(0), false);
    log.step(metrics(1), true);
    log.evaluation(evaluation(1), true);
    expect(epochs).toEqual([0, 1]);
  });
});
