import { stepsPerEpoch, totalSteps, trainingTimeline, type RunView } from '#contracts';
import type { TrainingRecord } from '../storage/run-record.schema.js';
import type { StepSeries } from './step-series.js';
import type { TrainingCommits } from './training-commits.js';

type Progress = RunView['progress'];

/** Steps the rate is taken over. */
export const RATE_STEPS = 50;
/** A run that has committed nothing for so long is slowing down, and its rate says so. */
const STALL_MS = 5_000;

/** Where a run stands. Rate and time to go are given for a running run only. */
export function runProgress(
  record: TrainingRecord,
  { series, evaluations }: Pick<TrainingCommits, 'series' | 'evaluations'>,
  now: number,
): Progress {
  const numbers = trainingTimeline(record);
  const total = totalSteps(numbers);
  const step = series.lastStep;
  const newest = series.get(step);
  const evaluation = evaluations.at(-1);
  const rate = record.state === 'running' ? recentRate(series, now) : null;
  return {
    step,
    totalSteps: total,
    epoch: Math.min(Math.floor(step / stepsPerEpoch(numbers)), numbers.epochs),
    epochs: numbers.epochs,
    loss: newest?.loss ?? null,
    trainAccuracy: newest?.accuracy ?? null,
    valLoss: evaluation?.loss ?? null,
    valAccuracy: evaluation?.accuracy ?? null,
    ...(evaluation?.top5Accuracy === undefined ? {} : { valTop5Accuracy: evaluation.top5Accuracy }),
    imagesPerSecond: rate?.imagesPerSecond ?? null,
    etaSeconds: rate === null ? null : (total - step) * rate.secondsPerStep,
  };
}

function recentRate(series: StepSeries, now: number): { imagesPerSecond: number; secondsPerStep: number } | null {
  const newest = series.get(series.lastStep);
  if (newest === undefined) return null;
  let samples = 0;
  let numSteps = 0;
  let begin = newest.at;
  for (let step = series.lastStep; step > series.lastStep - RATE_STEPS; step -= 1) {
    const metrics = series.get(step);
    // What was committed before a pause or an evaluation says nothing about the rate now.
    // Nor does what another clock dated, or this one before it was set.
    if (metrics === undefined || Math.abs(begin - metrics.at) > STALL_MS) break;
    begin = Math.min(begin, metrics.at - metrics.durationMs);
    samples += metrics.samples;
    numSteps += 1;
  }
  const silence = now - newest.at;
  const spanSeconds = (newest.at - begin + (silence > STALL_MS ? silence : 0)) / 1000;
  return spanSeconds > 0 ? { imagesPerSecond: samples / spanSeconds, secondsPerStep: spanSeconds / numSteps } : null;
}
