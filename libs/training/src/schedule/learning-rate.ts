import type { RunSpec, ScheduleState } from '#contracts';

type Schedule = RunSpec['optimizer']['schedule'];

export interface ScheduleSteps {
  /** Steps of the whole run. */
  readonly total: number;
  readonly perEpoch: number;
  /** Steps done: the index of the step that asks. */
  readonly done: number;
}

/**
 * Learning rate of a step, a pure function of the step and of what committed rounds have shown: warm-up (Goyal et al.
 * 2017, section 2.2, "gradual warmup", or He et al. 2015, section 4.2, by the training error), then the schedule in
 * whole or fractional epochs.
 */
export function learningRateAt(
  { learningRate, schedule }: Pick<RunSpec['optimizer'], 'learningRate' | 'schedule'>,
  steps: ScheduleSteps,
  state: ScheduleState,
): number {
  if (schedule.warmupUntil && !state.warmup.isOver) return schedule.warmupUntil.learningRate;
  const warmupSteps = Math.round(schedule.warmupEpochs * steps.perEpoch);
  if (steps.done < warmupSteps) return warmedUp(learningRate, schedule.warmupStart, steps.done, warmupSteps);
  return scheduled(learningRate, schedule, { ...steps, warmup: warmupSteps }, state);
}

function warmedUp(learningRate: number, start: number | undefined, done: number, warmupSteps: number): number {
  if (start === undefined) return (learningRate * (done + 1)) / warmupSteps;
  return learningRate * (start + ((1 - start) * done) / warmupSteps);
}

function scheduled(
  learningRate: number,
  schedule: Schedule,
  steps: ScheduleSteps & { readonly warmup: number },
  state: ScheduleState,
): number {
  const total = steps.total - steps.warmup;
  const done = steps.done - steps.warmup;
  switch (schedule.kind) {
    case 'constant':
      return learningRate;
    case 'steps': {
      const passed = schedule.milestones.filter(
        (milestone) => steps.done >= Math.round(milestone * steps.perEpoch),
      ).length;
      return learningRate * schedule.gamma ** passed;
    }
    case 'plateau':
      return learningRate * Math.max(schedule.smallest, schedule.gamma ** state.plateau.numFalls);
    case 'cosine':
      return learningRate * 0.5 * (1 + Math.cos((Math.PI * done) / total));
    case 'linear':
      return learningRate * (schedule.end + (1 - schedule.end) * (1 - done / total));
    case 'polynomial':
      return learningRate * (schedule.end + (1 - schedule.end) * (1 - done / total) ** schedule.power);
  }
}
