/**
 * The timeline of a run: a pure function of its numbers, so that every process agrees without asking.
 *
 * An epoch is `stepsPerEpoch` training rounds followed by one evaluation round. A **round** is one all-reduce and is
 * counted from 0 over the whole run; a **step** is one update of the weights, counted from 1. Without training samples
 * the timeline is an evaluation by itself: `epochs` rounds, each of a part of the validation set.
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
  const [base, end] =
    position.kind === 'train' ? trainedRange(numbers, position.stepInEpoch) : evaluatedRange(numbers, position.epoch);
  const at = (index: number): number => base + Math.floor(((end - base) * index) / numbers.lanes);
  return [at(lane), at(lane + 1)];
}

function trainedRange(numbers: TimelineNumbers, stepInEpoch: number): readonly [number, number] {
  const base = stepInEpoch * numbers.lanes * numbers.laneBatchSize;
  return [base, base + samplesInStep(numbers, stepInEpoch)];
}

function evaluatedRange(numbers: TimelineNumbers, epoch: number): readonly [number, number] {
  const { numTrainSamples, numValidationSamples, epochs } = numbers;
  if (numTrainSamples > 0) return [0, numValidationSamples];
  const at = (part: number): number => Math.floor((numValidationSamples * part) / epochs);
  return [at(epoch), at(epoch + 1)];
}
