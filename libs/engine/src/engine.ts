import type { Batch } from '#data-loading';
import type { StepNumbers } from '#contracts';
import type { VectorLayout } from '#resnet';
import type { ReplicaState } from './state.js';

/** Sum of the cross-entropy, right top-1 predictions, samples, labels among the five best: of equals the lower class is better. */
export type EvaluationCounts = readonly [lossSum: number, correct: number, samples: number, correctTop5: number];

/** The numbers of one update. */
export interface UpdateHyperparameters extends StepNumbers {
  /** After the update: average = averageDecay*average + (1 - averageDecay)*weights. Left out, the average stays. */
  readonly averageDecay?: number;
}

/**
 * What computes: one replica on one device. All calls are synchronous; an engine lives in a thread of its own.
 *
 * `apply` clips the gradient where the config does, takes the step of the config's optimiser, and moves the running
 * statistics towards those that rode along: running = 0.9*running + 0.1*batch (batch-norm momentum 0.1). What the network
 * says is frozen has no place in the gradient vector and keeps its bits; its batch normalisations use their running statistics.
 */
export interface Engine {
  readonly kind: 'graph' | 'portable';
  readonly layout: VectorLayout;
  /**
   * Gradient vector of one lane, length layout.vectorLength: gradients of sum(cross-entropy)/globalBatch with labels
   * smoothed and mixed as the config says, batch statistics times numSamples/globalBatch, loss/globalBatch, correct, samples.
   */
  gradients(batch: Batch, globalBatch: number): Float32Array<ArrayBuffer>;
  /** Applies a reduced gradient vector (the sum over all lanes). Returns the Euclidean norm of its gradients as they came. */
  apply(reduced: Float32Array, hyperparameters: UpdateHyperparameters): number;
  /** Forward with running statistics, of the labels as they are. */
  evaluate(batch: Batch): EvaluationCounts;
  /** Logits [numSamples x numClasses] with running statistics. */
  predict(batch: Batch): Float32Array<ArrayBuffer>;
  readState(): ReplicaState;
  writeState(state: ReplicaState): void;
  close(): void;
}
