import type { RunSpec } from '#contracts';
import type { TrainingRules } from './training-rules.js';

/** What a run's spec says of how its engines judge and update. */
export function trainingRules({
  optimizer,
  regularization,
  resizing,
}: Pick<RunSpec, 'optimizer' | 'regularization' | 'resizing'>): TrainingRules {
  const { labelSmoothing, mixup, cutmix, ema } = regularization;
  return {
    nesterov: optimizer.nesterov,
    decayed: optimizer.decayed,
    labelSmoothing,
    mixes: mixup !== undefined || cutmix !== undefined,
    averages: ema !== undefined,
    anySize: resizing !== undefined,
  };
}
