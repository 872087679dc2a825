import type { DatasetNumbers, EvaluationTask } from '../messages/plan.schema.js';
import type { RunSpec } from '../run-spec/run-spec.schema.js';
import { sliceOfLane, totalRounds, type TimelineNumbers } from './timeline.js';

/** The rounds of a training run: steps and evaluations of its epochs. */
export interface TrainingTimeline extends TimelineNumbers {
  readonly kind: 'training';
}

/** The rounds of an evaluation: each counts a part of a split, of which every lane takes a slice. */
export interface EvaluationTimeline {
  readonly kind: 'evaluation';
  readonly numSamples: number;
  readonly numRounds: number;
  readonly lanes: number;
}

/** The rounds of whatever workers serve. */
export type Timeline = TrainingTimeline | EvaluationTimeline;

interface Planned {
  readonly spec: Pick<RunSpec, 'lanes' | 'laneBatchSize' | 'epochs'>;
  readonly dataset: DatasetNumbers;
}
export type PlannedEvaluation = Planned & { readonly evaluation: Pick<EvaluationTask, 'split' | 'numRounds'> };

/** The timeline of a plan or a record. */
export function timelineOf(
  plan: (Planned & { readonly kind: 'training' }) | (PlannedEvaluation & { readonly kind: 'evaluation' }),
): Timeline {
  return plan.kind === 'training' ? trainingTimeline(plan) : evaluationTimeline(plan);
}

export function trainingTimeline({ spec, dataset }: Planned): TrainingTimeline {
  const { lanes, laneBatchSize, epochs } = spec;
  const { numTrainSamples, numValidationSamples } = dataset;
  return { kind: 'training', numTrainSamples, numValidationSamples, lanes, laneBatchSize, epochs };
}

export function evaluationTimeline({ spec, dataset, evaluation }: PlannedEvaluation): EvaluationTimeline {
  const { split, numRounds } = evaluation;
  const numSamples = split === 'train' ? dataset.numTrainSamples : dataset.numValidationSamples;
  return { kind: 'evaluation', numSamples, numRounds, lanes: spec.lanes };
}

export function numRoundsOf(timeline: Timeline): number {
  return timeline.kind === 'training' ? totalRounds(timeline) : timeline.numRounds;
}

/** The slice [from, to) of the split that a lane counts in a round of an evaluation. */
export function partSlice(
  { numSamples, numRounds, lanes }: EvaluationTimeline,
  round: number,
  lane: number,
): readonly [number, number] {
  const at = (part: number): number => Math.floor((numSamples * part) / numRounds);
  return sliceOfLane([at(round), at(round + 1)], lane, lanes);
}
