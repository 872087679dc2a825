import type { StudyTable, StudyTrialView, StudyView } from '#contracts';
import { meanOf } from './mean.js';
import { parametersOf } from './study-parameters.js';

/** One row a combination, mean and deviation over the seeds that have finished. */
export function studyTable(study: StudyView): StudyTable {
  const rows = new Map<string, StudyTrialView[]>();
  for (const trial of study.trials) {
    const key = JSON.stringify(trial.labels);
    rows.set(key, [...(rows.get(key) ?? []), trial]);
  }
  return {
    studyId: study.id,
    name: study.name,
    state: study.state,
    axes: study.spec.axes.map(({ name }) => name),
    rows: [...rows.values()].map((trials) => {
      const finished = trials.filter(({ state }) => state === 'finished');
      const mean = (of: 'trainError' | 'validationError' | 'bestValidationError') =>
        meanOf(finished.flatMap((trial) => trial[of] ?? []));
      return {
        labels: trials[0]?.labels ?? [],
        parameters: parametersOf(study.spec, trials[0]?.labels ?? []),
        numRuns: trials.length,
        numFinished: finished.length,
        missing: whyMissing(trials.filter((trial) => !finished.includes(trial))),
        trainError: mean('trainError'),
        validationError: mean('validationError'),
        bestValidationError: mean('bestValidationError'),
        runIds: trials.flatMap(({ runId }) => runId ?? []),
      };
    }),
  };
}

function whyMissing(trials: readonly StudyTrialView[]): string | null {
  if (trials.length === 0) return null;
  return trials
    .map(({ seed, state, reason }) => `seed ${seed} ${state}${reason === null ? '' : `: ${reason}`}`)
    .join('; ');
}
