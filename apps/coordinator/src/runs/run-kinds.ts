import { isEvaluation, isTraining, type EvaluationRun, type LiveRun, type TrainingRun } from './live-run.js';

/** Throws where it is an evaluation, which is a bug. */
export function asTraining(run: LiveRun): TrainingRun {
  if (isTraining(run)) return run;
  throw new Error(`bug: ${run.id} is an evaluation`);
}

/** Throws where it is a run that trains, which is a bug. */
export function asEvaluation(run: LiveRun): EvaluationRun {
  if (isEvaluation(run)) return run;
  throw new Error(`bug: ${run.id} is no evaluation`);
}
