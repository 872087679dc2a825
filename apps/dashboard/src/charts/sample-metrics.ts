import type { Evaluation, MetricsStretch, StepMetrics } from '#contracts';

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

/** A stretch of steps `from` to `to` for unit tests, whose steps are those above. */
export function sampleStretch(from: number, to: number, over: Partial<MetricsStretch> = {}): MetricsStretch {
  const numSteps = to - from + 1;
  const { step: _step, round: _round, epoch: _epoch, ...last } = sampleStep(to, { samples: 64 * numSteps });
  return { ...last, from, to, numSteps, leastLoss: 0, greatestLoss: 1, ...over };
}
