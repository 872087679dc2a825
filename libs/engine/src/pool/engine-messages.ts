import type { Network } from '#resnet';
import type { StepConfig } from '../step-config.js';
import type { EvaluationCounts, UpdateHyperparameters } from '../engine.js';
import type { ReplicaState } from '../state.js';
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

export interface AppliedUpdate {
  /** The gradient vector, as it came. */
  readonly vector: Float32Array<ArrayBuffer>;
  /** Euclidean norm of its gradients, before it was clipped. */
  readonly gradientNorm: number;
}

export interface EngineAnswers {
  readonly gradients: Float32Array<ArrayBuffer>;
  readonly evaluate: EvaluationCounts;
  readonly apply: AppliedUpdate;
  readonly 'read-state': ReplicaState;
  readonly 'write-state': null;
}

export interface EngineThreadData {
  readonly network: Network;
  readonly engine: 'graph' | 'portable';
  readonly config: StepConfig;
}
