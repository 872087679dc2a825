import {
  studyTrials,
  totalSteps,
  trainingTimeline,
  type StudySummary,
  type StudyTrialView,
  type StudyView,
} from '#contracts';
import type { StudyRecord } from '../storage/study-record.schema.js';
import type { TrainingRun } from '../runs/live-run.js';
import type { RunRegistry } from '../runs/run-registry.js';
import { figureNames } from './figures/figure-table.js';
import type { ResultCache, TrialErrors } from './trial-results.js';

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
        reason: run?.record.reason ?? trial.refusal ?? unreadableReason(trial, runs),
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

async function whatIsDone(run: TrainingRun, results: ResultCache): Promise<Done> {
  const total = totalSteps(trainingTimeline(run.record));
  const step = run.loadedDetail?.training.series.lastStep ?? run.record.summary?.progress.step ?? 0;
  return { step, totalSteps: total, ...(await results.of(run)).errors };
}

type Trial = StudyRecord['trials'][number];

function runOf({ runId }: Trial, runs: RunRegistry): TrainingRun | undefined {
  return runId === null ? undefined : runs.getTraining(runId);
}

function trialState(trial: Trial, run: TrainingRun | undefined): StudyTrialView['state'] {
  if (run !== undefined) return run.record.state;
  if (trial.runId !== null) return 'lost';
  return trial.refusal === null ? 'waiting' : 'refused';
}
