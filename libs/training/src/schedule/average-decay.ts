import type { RunSpec } from '#contracts';

/**
 * How much of the average of weights stays after step `stepsDone` (from 1); undefined where the step is not taken in. The
 * n-th time it is at most (1 + n)/(10 + n): an average that began with random weights forgets them soon.
 */
export function averageDecayAt({ ema }: Pick<RunSpec['regularization'], 'ema'>, stepsDone: number): number | undefined {
  if (!ema || stepsDone % ema.everySteps !== 0) return undefined;
  const times = stepsDone / ema.everySteps;
  return Math.min(ema.decay, (1 + times) / (10 + times));
}
