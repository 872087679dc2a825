import type { Evaluation, StepMetrics } from '#contracts';

/** A step for unit tests: one a second, four milliseconds of work in the ratio 1 : 2 : 1 : 0. */
export function sampleStep(step: number, over: Partial<StepMetrics> = {}): StepMetrics {
  return {
    step,
    round: step - 1,
    epoch: 0,
    loss: 1 / step,
    accuracy: 0.5,
    samples: 64,
    learningRate: 0.1,
    at: step * 1000,
    durationMs: 4,
    timings: { dataMs: 1, computeMs: 2, exchangeMs: 1, updateMs: 0 },
    ...over,
  };
}

/** An evaluation for unit tests, half a second after its step. */
export function sampleEvaluation(step: number, over: Partial<Evaluation> = {}): Evaluation {
  return { epoch: 0, step, loss: 2, accuracy: 0.25, samples: 10, at: step * 1000 + 500, ...over };
}
