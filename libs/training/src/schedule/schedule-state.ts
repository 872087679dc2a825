/**
 * What a schedule remembers, as a pure reducer over committed rounds. Every worker feeds it the same numbers, read from
 * the same roots, so newcomers, restarts and recomputed steps arrive at the same rate, bit for bit.
 */
import type { RunSpec, ScheduleState } from '#contracts';

type Schedule = RunSpec['optimizer']['schedule'];
type PlateauSchedule = Extract<Schedule, { kind: 'plateau' }>;

/** What a round told when it was committed. */
export interface RoundOutcome {
  readonly kind: 'train' | 'evaluate';
  readonly round: number;
  /** Mean over the samples. */
  readonly loss: number;
  /** Share of the samples whose top-1 prediction was right. */
  readonly accuracy: number;
  readonly samples: number;
}

export const INITIAL_SCHEDULE_STATE: ScheduleState = {
  round: 0,
  warmup: { isOver: false, steps: 0, correct: 0, samples: 0 },
  plateau: { best: null, numBadEpochs: 0, numCooling: 0, numFalls: 0, loss: 0, correct: 0, samples: 0 },
};

/** Takes a committed round in. A round that was taken in already changes nothing. */
export function reduceSchedule(schedule: Schedule, state: ScheduleState, committed: RoundOutcome): ScheduleState {
  if (committed.round < state.round) return state;
  // A step whose samples were all left out tells nothing.
  if (committed.samples === 0) return { ...state, round: committed.round + 1 };
  const isWarmedUp = !schedule.warmupUntil || state.warmup.isOver;
  return {
    round: committed.round + 1,
    warmup: schedule.warmupUntil ? warmUp(schedule.warmupUntil, state.warmup, committed) : state.warmup,
    plateau: schedule.kind === 'plateau' ? judge(schedule, state.plateau, committed, isWarmedUp) : state.plateau,
  };
}

function warmUp(
  { overSteps, trainingError }: NonNullable<Schedule['warmupUntil']>,
  warmup: ScheduleState['warmup'],
  committed: RoundOutcome,
): ScheduleState['warmup'] {
  if (warmup.isOver || committed.kind === 'evaluate') return warmup;
  const steps = warmup.steps + 1;
  const correct = warmup.correct + committed.accuracy * committed.samples;
  const samples = warmup.samples + committed.samples;
  if (steps < overSteps) return { isOver: false, steps, correct, samples };
  return { isOver: 1 - correct / samples < trainingError, steps: 0, correct: 0, samples: 0 };
}

function judge(
  schedule: PlateauSchedule,
  plateau: ScheduleState['plateau'],
  committed: RoundOutcome,
  isWarmedUp: boolean,
): ScheduleState['plateau'] {
  if (committed.kind === 'train') {
    return {
      ...plateau,
      loss: plateau.loss + committed.loss * committed.samples,
      correct: plateau.correct + committed.accuracy * committed.samples,
      samples: plateau.samples + committed.samples,
    };
  }
  const value = metricOf(schedule.metric, plateau, committed);
  const next = { ...plateau, loss: 0, correct: 0, samples: 0 };
  if (plateau.best === null || value < plateau.best * (1 - schedule.threshold)) {
    return { ...next, best: value, numBadEpochs: 0, numCooling: Math.max(0, plateau.numCooling - 1) };
  }
  if (plateau.numCooling > 0) return { ...next, numCooling: plateau.numCooling - 1 };
  if (!isWarmedUp) return next;
  if (plateau.numBadEpochs < schedule.patience) return { ...next, numBadEpochs: plateau.numBadEpochs + 1 };
  return { ...next, numBadEpochs: 0, numCooling: schedule.cooldown, numFalls: plateau.numFalls + 1 };
}

function metricOf(
  metric: PlateauSchedule['metric'],
  { loss, correct, samples }: ScheduleState['plateau'],
  evaluation: RoundOutcome,
): number {
  switch (metric) {
    case 'validation-error':
      return 1 - evaluation.accuracy;
    case 'validation-loss':
      return evaluation.loss;
    case 'training-error':
      return 1 - correct / samples;
    case 'training-loss':
      return loss / samples;
  }
}
