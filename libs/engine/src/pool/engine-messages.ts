import type { Network } from '#resnet';
import type { TrainingRules } from '../training-rules.js';
import type { EvaluationCounts, ReplicaState, UpdateHyperparameters } from '../engine.js';
import type { Batch } from '#data-loading';

/** What the control thread asks of an engine thread. Buffers are transferred, never copied. */
export type EngineRequest =
  | { readonly kind: 'gradients'; readonly batch: Batch; readonly globalBatch: number }
  | { readonly kind: 'evaluate'; readonly batch: Batch }
  | {
      readonly kind: 'apply';
      readonly reduced: Float32Array<ArrayBuffer>;
      readonly hyperparameters: UpdateHyperparameters;
    }
  | { readonly kind: 'read-state' }
  | { readonly kind: 'write-state'; readonly state: ReplicaState };

export interface EngineAnswers {
  readonly gradients: Float32Array<ArrayBuffer>;
  readonly evaluate: EvaluationCounts;
  /** The vector, as it came. */
  readonly apply: Float32Array<ArrayBuffer>;
  readonly 'read-state': ReplicaState;
  readonly 'write-state': null;
}

export interface EngineThreadData {
  readonly network: Network;
  readonly engine: 'graph' | 'portable';
  readonly rules: TrainingRules;
}
