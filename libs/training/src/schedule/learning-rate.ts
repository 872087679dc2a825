import type { RunSpec } from '#contracts';

/**
 * Learning rate of a step, a pure function of the step: linear warm-up per step from rate/warmupSteps to the rate
 * (Goyal et al. 2017, section 2.2, "gradual warmup"), then the schedule in whole or fractional epochs.
 */
export function learningRateAt(spec: RunSpec, stepsPerEpoch: number, stepIndex: number): number {
  const { learningRate, schedule } = spec.optimizer;
  const warmupSteps = Math.round(schedule.warmupEpochs * stepsPerEpoch);
  if (stepIndex < warmupSteps) return (learningRate * (stepIndex + 1)) / warmupSteps;
  switch (schedule.kind) {
    case 'constant':
      return learningRate;
    case 'steps': {
      const passed = schedule.milestones.filter(
        (milestone) => stepIndex >= Math.round(milestone * stepsPerEpoch),
      ).length;
      return learningRate * schedule.gamma ** passed;
    }
    case 'cosine': {
      const total = spec.epochs * stepsPerEpoch - warmupSteps;
      return learningRate * 0.5 * (1 + Math.cos((Math.PI * (stepIndex - warmupSteps)) / total));
    }
  }
}
