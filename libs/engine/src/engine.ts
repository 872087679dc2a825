import type { Batch } from '#data-loading';
import type { StepNumbers } from '#contracts';
import type { VectorLayout, VectorPart } from '#resnet';
import type { ReplicaState } from './state.js';

/** Sum of the cross-entropy, right top-1 predictions, samples, labels among the five best: of equals the lower class is better. */
export type EvaluationCounts = readonly [lossSum: number, correct: number, samples: number, correctTop5: number];

/** The numbers of one update. */
export interface UpdateHyperparameters extends StepNumbers {
  /** After the update: average = averageDecay*average + (1 - averageDecay)*weights. Left out, the average stays. */
  readonly averageDecay?: number;
}

/**
 * Batches of lanes in the order in which their vectors are added up: always left + right, as the lane tree says. Null is a
 * lane that has no samples in the step: a vector of zeros.
 */
export type BatchTree = Batch | null | readonly [BatchTree, BatchTree];

/** How the vectors of lanes are made and added up. */
export interface SumOptions {
  /** Samples of the step, over all lanes. */
  readonly globalBatch: number;
  /** Elements at the front of the vector of which every lane's and every sum is rounded to bfloat16; 0: none. */
  readonly numRounded: number;
}

/** Elements of the vectors of trees that are known, while others are not. */
export interface StageSums {
  /** Where they lie. */
  readonly parts: readonly VectorPart[];
  /** For each tree the elements, one part behind the other; as the vectors of `gradients`. */
  readonly sums: readonly Float32Array[];
}

/** What a step tells that was made in one go. */
export interface TrainedStep {
  /** Mean cross-entropy of the step's samples, and their right top-1 predictions and number. */
  readonly loss: number;
  readonly correct: number;
  readonly samples: number;
  /** Euclidean norm of the gradients, before they were clipped. */
  readonly gradientNorm: number;
  /** `vectorDigest` of the reduced gradient vector. */
  readonly digest: string;
}

/** What an engine is made for. */
export interface EngineOptions {
  /**
   * Lanes that are driven side by side: on a CPU as many as there are cores for them, each on one thread; on a GPU one after
   * the other. Memory for as many lanes' activations is needed. The bits do not depend on it. Default 1.
   */
  readonly lanesAtOnce?: number;
  /**
   * Devices that share the lanes, as TensorFlow names them (`/device:GPU:1`): each holds the whole replica. Of more devices than
   * lanes at once the last ones are not used. The bits are those of one device of their kind. Default: one that TensorFlow
   * chooses. The portable engine has none.
   */
  readonly devices?: readonly string[];
  /** `gradientStages` are several where the lanes of a call fit side by side. It costs a larger graph. Default false. */
  readonly isStaged?: boolean;
}

/**
 * What computes: one replica, on one device or several. All calls are synchronous; an engine lives in a thread of its own.
 *
 * `apply` clips the gradient where the config does, takes the step of the config's optimiser, and moves the running
 * statistics towards those that rode along: running = 0.9*running + 0.1*batch (batch-norm momentum 0.1). What the network
 * says is frozen has no place in the gradient vector and keeps its bits; its batch normalisations use their running statistics.
 */
export interface Engine {
  readonly kind: 'graph' | 'portable';
  readonly layout: VectorLayout;
  /**
   * For each tree the sum of its lanes' gradient vectors, length layout.vectorLength. A lane's vector: gradients of
   * sum(cross-entropy)/globalBatch with labels smoothed and mixed as the config says, batch statistics times
   * numSamples/globalBatch, loss/globalBatch, correct, samples.
   */
  gradients(sums: readonly BatchTree[], options: SumOptions): readonly Float32Array[];
  /**
   * The same sums, with the same bits, stage by stage of the backward pass: each `next` computes what it returns. To be gone
   * through to the end before anything else is asked for.
   */
  gradientStages(sums: readonly BatchTree[], options: SumOptions): Iterable<StageSums>;
  /**
   * Where all lanes of the step are here: gradients, their sum and the update, with the bits of `gradients` and `apply`.
   * Throws NotFiniteError and changes nothing when the sum is not finite.
   */
  train(lanes: BatchTree, options: SumOptions, hyperparameters: UpdateHyperparameters): TrainedStep;
  /** Applies a reduced gradient vector (the sum over all lanes). Returns the Euclidean norm of its gradients as they came. */
  apply(reduced: Float32Array, hyperparameters: UpdateHyperparameters): number;
  /** Forward with running statistics, of the labels as they are: the counts of each batch. */
  evaluate(batches: readonly Batch[]): readonly EvaluationCounts[];
  /** Logits [numSamples x numClasses] with running statistics. */
  predict(batch: Batch): Float32Array<ArrayBuffer>;
  readState(): ReplicaState;
  writeState(state: ReplicaState): void;
  close(): void;
}
