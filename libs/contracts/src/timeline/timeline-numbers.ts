import type { EvaluationPlan } from '../messages/evaluation-plan.schema.js';
import type { RunPlan } from '../messages/plan.schema.js';
import type { TimelineNumbers } from './timeline.js';

/** The timeline of a plan or a record: a run's epochs, or the rounds of an evaluation by itself. */
export function timelineNumbers(
  plan: Pick<RunPlan, 'spec' | 'dataset'> & {
    readonly evaluation?: Pick<EvaluationPlan, 'split' | 'numRounds'> | undefined;
  },
): TimelineNumbers {
  const { lanes, laneBatchSize, epochs } = plan.spec;
  const { numTrainSamples, numValidationSamples } = plan.dataset;
  const { evaluation } = plan;
  if (evaluation === undefined) return { numTrainSamples, numValidationSamples, lanes, laneBatchSize, epochs };
  return {
    numTrainSamples: 0,
    numValidationSamples: evaluation.split === 'train' ? numTrainSamples : numValidationSamples,
    lanes,
    laneBatchSize,
    epochs: evaluation.numRounds,
  };
}
