import { studyTrials } from '#contracts';
import type { StudyRecord } from '../storage/study-record.schema.js';
import type { RunRegistry } from '../runs/run-registry.js';
import type { FigureInput, FigureTrial } from './figures/figure-input.js';
import type { ResultCache } from './trial-results.js';

/** What the figures of a study are drawn from, as far as it has got. */
export async function figureInput(study: StudyRecord, runs: RunRegistry, results: ResultCache): Promise<FigureInput> {
  const trials = await Promise.all(
    studyTrials(study.spec).map(async ({ combination }, index): Promise<FigureTrial[]> => {
      const runId = study.trials[index]?.runId;
      const run = runId === null || runId === undefined ? undefined : runs.getTraining(runId);
      if (run === undefined || run.record.state === 'failed' || run.record.state === 'cancelled') return [];
      const isFinished = run.record.state === 'finished';
      return [{ labels: combination.labels, isFinished, ...(await results.of(run)) }];
    }),
  );
  return { spec: study.spec, trials: trials.flat() };
}
