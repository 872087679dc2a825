import type { Batch } from '#data-loading';
import type { VectorLayout } from '#resnet';

/** Sum of the cross-entropy, right top-1 predictions, samples, labels among the five best: of equals the lower class is better. */
export type EvaluationCounts = readonly [lossSum: number, correct: number, samples: number, correctTop5: number];

/**
 * Weights, momentum (of what is trained) and batch-norm statistics of a replica, flat, in VectorLayout order. Belongs to the
 * receiver.
 */
export interface ReplicaState {
  readonly parameters: Float32Array<ArrayBuffer>;
  readonly momentum: Float32Array<ArrayBuffer>;
  readonly statistics: Float32Array<ArrayBuffer>;
  /** Of engines whose rules average weights. Left out when a state is written, it begins as the weights. */
  readonly average?: WeightsAverage;
}

/** Running averages of weights and statistics. */
export interface WeightsAverage {
  readonly parameters: Float32Array<ArrayBuffer>;
  readonly statistics: Float32Array<ArrayBuffer>;
}

export interface UpdateHyperparameters {
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  /** After the update: average = averageDecay*average + (1 - averageDecay)*weights. Left out, the average stays. */
  readonly averageDecay?: number;
}

/**
 * What computes: one replica on one device. All calls are synchronous; an engine lives in a thread of its own.
 *
 * `apply` is u = momentum*u + (g + weightDecay*w); w -= learningRate*u (weight decay on what the rules name; with
 * Nesterov's rule w -= learningRate*((g + weightDecay*w) + momentum*u)) and
 * running = 0.9*running + 0.1*batch for the statistics that rode along (batch-norm momentum 0.1). What the network
 * says is frozen has no place in the gradient vector and keeps its bits; its batch normalisations use their running statistics.
 */
export interface Engine {
  readonly kind: 'graph' | 'portable';
  readonly layout: VectorLayout;
  /**
   * Gradient vector of one lane, length layout.vectorLength: gradients of sum(cross-entropy)/globalBatch with labels
   * smoothed and mixed as the rules say, batch statistics times numSamples/globalBatch, loss/globalBatch, correct, samples.
   */
  gradients(batch: Batch, globalBatch: number): Float32Array<ArrayBuffer>;
  /** Applies a reduced gradient vector (the sum over all lanes). */
  apply(reduced: Float32Array, hyperparameters: UpdateHyperparameters): void;
  /** Forward with running statistics, of the labels as they are. */
  evaluate(batch: Batch): EvaluationCounts;
  /** Logits [numSamples x numClasses] with running statistics. */
  predict(batch: Batch): Float32Array<ArrayBuffer>;
  readState(): ReplicaState;
  writeState(state: ReplicaState): void;
  close(): void;
}
