/**
 * The timeline of a run: a pure function of its numbers, so that every process agrees without asking.
 *
 * An epoch is `stepsPerEpoch` training rounds followed by one evaluation round. A **round** is one all-reduce and is
 * counted from 0 over the whole run; a **step** is one update of the weights, counted from 1.
 */
export interface TimelineNumbers {
  readonly numTrainSamples: number;
  readonly numValidationSamples: number;
  readonly lanes: number;
  readonly laneBatchSize: number;
  readonly epochs: number;
}

export type RoundKind = 'train' | 'evaluate';

export interface RoundPosition {
  readonly round: number;
  readonly kind: RoundKind;
  /** From 0. */
  readonly epoch: number;
  /** Training rounds: index of the step in its epoch, from 0. Evaluation: equals stepsPerEpoch. */
  readonly stepInEpoch: number;
  /** Optimiser steps applied once this round is done. */
  readonly stepsDone: number;
}

export function stepsPerEpoch(numbers: TimelineNumbers): number {
  return Math.ceil(numbers.numTrainSamples / (numbers.lanes * numbers.laneBatchSize));
}

export function totalSteps(numbers: TimelineNumbers): number {
  return stepsPerEpoch(numbers) * numbers.epochs;
}

export function totalRounds(numbers: TimelineNumbers): number {
  return (stepsPerEpoch(numbers) + 1) * numbers.epochs;
}

export function roundPosition(numbers: TimelineNumbers, round: number): RoundPosition {
  const steps = stepsPerEpoch(numbers);
  const epoch = Math.floor(round / (steps + 1));
  const stepInEpoch = round - epoch * (steps + 1);
  const kind = stepInEpoch === steps ? 'evaluate' : 'train';
  return { round, kind, epoch, stepInEpoch, stepsDone: epoch * steps + Math.min(stepInEpoch + 1, steps) };
}

/** Optimiser steps applied before `round` begins, i.e. when rounds 0..round-1 are done. */
export function stepsBefore(numbers: TimelineNumbers, round: number): number {
  return round === 0 ? 0 : roundPosition(numbers, round - 1).stepsDone;
}

/** Samples in the whole step: lanes x laneBatchSize, fewer in the last step of an epoch. */
export function samplesInStep(numbers: TimelineNumbers, stepInEpoch: number): number {
  const globalBatch = numbers.lanes * numbers.laneBatchSize;
  return Math.min(globalBatch, numbers.numTrainSamples - stepInEpoch * globalBatch);
}

/**
 * The slice [from, to) of the epoch's sample order (training) or of the validation set (evaluation) that a lane takes
 * in a round. The last step of an epoch is shared out evenly, so nothing is dropped or padded; a slice may be empty.
 */
export function laneSlice(numbers: TimelineNumbers, position: RoundPosition, lane: number): readonly [number, number] {
  const { lanes, laneBatchSize, numValidationSamples } = numbers;
  if (position.kind === 'evaluate') return sliceOfLane([0, numValidationSamples], lane, lanes);
  const base = position.stepInEpoch * lanes * laneBatchSize;
  return sliceOfLane([base, base + samplesInStep(numbers, position.stepInEpoch)], lane, lanes);
}

/** A lane's even share of the samples [from, to). */
export function sliceOfLane(
  [from, to]: readonly [number, number],
  lane: number,
  lanes: number,
): readonly [number, number] {
  const at = (index: number): number => from + Math.floor(((to - from) * index) / lanes);
  return [at(lane), at(lane + 1)];
}
