import type { RunSpec } from '#contracts';
import type { TrainingRules } from '#resnet';

/** What a run's spec says of how its engines judge and update. */
export function trainingRules({ optimizer }: Pick<RunSpec, 'optimizer'>): TrainingRules {
  return { nesterov: optimizer.nesterov, decayed: optimizer.decayed };
}
