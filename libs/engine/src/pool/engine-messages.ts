import type { Network } from '#resnet';
import type { StepConfig } from '../step-config.js';
import type {
  BatchTree,
  EvaluationCounts,
  StageSums,
  SumOptions,
  TrainedStep,
  UpdateHyperparameters,
} from '../engine.js';
import type { ReplicaState } from '../state.js';
import type { Batch } from '#data-loading';

/** How lanes are computed together. */
export interface LaneSumOptions extends SumOptions {
  /** The lanes of all trees, from left to right: a fault names its own. */
  readonly lanes: readonly number[];
}

/** What the control thread asks of an engine thread. Buffers are transferred, never copied. */
export type EngineRequest =
  | { readonly kind: 'gradients'; readonly trees: readonly BatchTree[]; readonly options: LaneSumOptions }
  /** The same stage by stage: the first, and then each of the others. */
  | { readonly kind: 'first-stage'; readonly trees: readonly BatchTree[]; readonly options: LaneSumOptions }
  | { readonly kind: 'next-stage' }
  | {
      readonly kind: 'train';
      readonly tree: BatchTree;
      readonly options: LaneSumOptions;
      readonly hyperparameters: UpdateHyperparameters;
    }
  | { readonly kind: 'evaluate'; readonly batches: readonly Batch[] }
  | {
      readonly kind: 'apply';
      readonly reduced: Float32Array;
      readonly hyperparameters: UpdateHyperparameters;
    }
  | { readonly kind: 'read-state' }
  | { readonly kind: 'write-state'; readonly state: ReplicaState };

export interface AppliedUpdate {
  /** The gradient vector, as it came. */
  readonly vector: Float32Array;
  /** Euclidean norm of its gradients, before it was clipped. */
  readonly gradientNorm: number;
}

export interface EngineAnswers {
  readonly gradients: readonly Float32Array[];
  /** Null where there are no more. */
  readonly 'first-stage': StageSums | null;
  readonly 'next-stage': StageSums | null;
  readonly train: TrainedStep;
  readonly evaluate: readonly EvaluationCounts[];
  readonly apply: AppliedUpdate;
  readonly 'read-state': ReplicaState;
  readonly 'write-state': null;
}

export interface EngineThreadData {
  readonly network: Network;
  readonly engine: 'graph' | 'portable';
  readonly config: StepConfig;
  /** Lanes that the engine computes side by side. */
  readonly lanesAtOnce: number;
  /** Those that share them; none: one that TensorFlow chooses. */
  readonly devices: readonly string[];
  readonly isStaged: boolean;
}
