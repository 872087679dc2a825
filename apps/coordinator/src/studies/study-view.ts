import {
  studyTrials,
  totalSteps,
  trainingTimeline,
  type StudySummary,
  type StudyTrialView,
  type StudyView,
} from '#contracts';
import type { StudyRecord } from '../storage/study-record.schema.js';
import { stateOf } from '../runs/ended-runs.js';
import type { RunRegistry } from '../runs/run-registry.js';
import { figureNames } from './figures/figure-table.js';
import type { KnownRun, ResultCache, TrialErrors } from './trial-results.js';

type Done = TrialErrors & Pick<StudyTrialView, 'step' | 'totalSteps'>;

const NOTHING_YET: Done = {
  step: 0,
  totalSteps: 0,
  trainError: null,
  validationError: null,
  bestValidationError: null,
};

/** A study as the list shows it. */
export function studySummary(study: StudyRecord, runs: RunRegistry): StudySummary {
  const states = study.trials.map((trial) => trialState(trial, runOf(trial, runs)));
  return {
    id: study.id,
    name: study.spec.name,
    state: study.state,
    createdAt: study.createdAt,
    finishedAt: study.finishedAt,
    numRuns: states.length,
    numFinished: states.filter((state) => state === 'finished').length,
    numFailed: states.filter((state) => state === 'failed' || state === 'refused' || state === 'lost').length,
  };
}

/** A study as the API shows it. */
export async function studyView(study: StudyRecord, runs: RunRegistry, results: ResultCache): Promise<StudyView> {
  const trials = await Promise.all(
    studyTrials(study.spec).map(async ({ combination, seed }, index): Promise<StudyTrialView> => {
      const trial = study.trials[index] ?? { runId: null, refusal: null };
      const run = runOf(trial, runs);
      return {
        labels: [...combination.labels],
        seed,
        runId: trial.runId,
        state: trialState(trial, run),
        reason: reasonOf(run) ?? trial.refusal ?? unreadableReason(trial, runs),
        ...(run === undefined ? NOTHING_YET : await whatIsDone(run, results)),
      };
    }),
  );
  return { ...studySummary(study, runs), spec: study.spec, trials, figures: figureNames(study.spec) };
}

function unreadableReason({ runId }: StudyRecord['trials'][number], runs: RunRegistry): string | null {
  const reason = runId === null ? undefined : runs.unreadable.get(runId);
  return reason === undefined ? null : `its record cannot be read: ${reason}`;
}

function reasonOf(run: KnownRun | undefined): string | null | undefined {
  return run && ('record' in run ? run.record : run.summary).reason;
}

async function whatIsDone(run: KnownRun, results: ResultCache): Promise<Done> {
  const { errors } = await results.of(run);
  if (!('record' in run)) {
    const { step, totalSteps: total } = run.summary.progress;
    return { step, totalSteps: total, ...errors };
  }
  const step = run.loadedDetail?.training.series.lastStep ?? run.record.summary?.progress.step ?? 0;
  return { step, totalSteps: totalSteps(trainingTimeline(run.record)), ...errors };
}

type Trial = StudyRecord['trials'][number];

function runOf({ runId }: Trial, runs: RunRegistry): KnownRun | undefined {
  return runId === null ? undefined : runs.training(runId);
}

function trialState(trial: Trial, run: KnownRun | undefined): StudyTrialView['state'] {
  if (run !== undefined) return stateOf(run);
  if (trial.runId !== null) return 'lost';
  return trial.refusal === null ? 'waiting' : 'refused';
}
