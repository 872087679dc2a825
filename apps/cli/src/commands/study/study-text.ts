import {
  TERMINAL_STATES,
  type Mean,
  type StudyTable,
  type StudyTrialView,
  type StudyView,
  printable,
  printableMessage,
} from '#contracts';
import { formatShare } from '../../output/quantities.js';
import { table } from '../../output/table.js';

/** More runs than this do not all fit under each other; those that train are shown first. */
const MAX_ROWS = 20;
const OVER: readonly string[] = [...TERMINAL_STATES, 'refused', 'lost'];

/** The progress table: one line a run, drawn again and again. No line is wider than `numColumns`. */
export function progressLines(study: StudyView, numColumns: number): string[] {
  const shown = shownTrials(study.trials);
  const numHidden = study.trials.length - shown.length;
  const lines = [
    headline(study),
    ...trialTable(study, shown).split('\n'),
    ...(numHidden > 0 ? [`and ${numHidden} runs more`] : []),
  ];
  return lines.map((line) => (line.length > numColumns ? `${line.slice(0, Math.max(0, numColumns - 1))}…` : line));
}

/** The same in one line, for logs. */
export function headline(study: StudyView): string {
  const numOver = study.trials.filter(({ state }) => OVER.includes(state)).length;
  const failed = study.numFailed > 0 ? `, ${study.numFailed} failed` : '';
  const training = study.trials
    .filter(({ state }) => state === 'running')
    .map((trial) => `${trial.labels.join(' ')} s${trial.seed} ${percentDone(trial)}`);
  const now = training.length > 0 ? `: ${training.slice(0, 4).join(', ')}` : '';
  return printable(`study ${study.name}, ${study.state}: ${numOver} of ${study.numRuns} runs over${failed}${now}`);
}

/** One line each for what became of runs since `before`. */
export function changedTrials(before: StudyView | null, after: StudyView): string[] {
  return after.trials.flatMap((trial, index) => {
    const { state, reason } = trial;
    if (before?.trials[index]?.state === state || ['waiting', 'pending'].includes(state)) return [];
    const errors =
      state === 'finished'
        ? `, training error ${formatShare(trial.trainError)}, validation error ${formatShare(trial.validationError)}`
        : '';
    const why = reason === null ? '' : `: ${reason}`;
    return [printableMessage(`${trial.labels.join(' ')} s${trial.seed} ${state}${errors}${why}`)];
  });
}

/** All runs of a study, one line each. */
export function trialTable(study: StudyView, trials: readonly StudyTrialView[] = study.trials): string {
  return table(
    [
      ...study.spec.axes.map(({ name }) => ({ title: name.toUpperCase() })),
      { title: 'SEED', right: true },
      { title: 'STATE' },
      { title: 'DONE', right: true },
      { title: 'TRAIN ERR', right: true },
      { title: 'VAL ERR', right: true },
      { title: 'RUN' },
    ],
    trials.map((trial) => [
      ...trial.labels.map(printable),
      String(trial.seed),
      trial.state,
      percentDone(trial),
      formatShare(trial.trainError),
      formatShare(trial.validationError),
      trial.runId ?? '-',
    ]),
  );
}

/** The result: one line a combination, mean ± deviation over its seeds. */
export function resultTable(result: StudyTable): string {
  const rows = table(
    [
      ...result.axes.map((name) => ({ title: name.toUpperCase() })),
      { title: 'PARAMETERS', right: true },
      { title: 'RUNS', right: true },
      { title: 'TRAIN ERROR %', right: true },
      { title: 'VAL ERROR %', right: true },
      { title: 'BEST VAL ERROR %', right: true },
    ],
    result.rows.map((row) => [
      ...row.labels.map(printable),
      row.parameters?.toLocaleString('en-US') ?? '-',
      `${row.numFinished}/${row.numRuns}`,
      ...[row.trainError, row.validationError, row.bestValidationError].map(percent),
    ]),
  );
  const missing = result.rows.flatMap(({ labels, missing: why }) =>
    why === null ? [] : [printableMessage(`missing from ${labels.join(' ')}: ${why}`)],
  );
  return [rows, ...missing].join('\n');
}

function shownTrials(trials: readonly StudyTrialView[]): readonly StudyTrialView[] {
  if (trials.length <= MAX_ROWS) return trials;
  const urgency = ({ state }: StudyTrialView): number =>
    state === 'running' ? 0 : OVER.includes(state) && state !== 'finished' ? 1 : state === 'finished' ? 3 : 2;
  const chosen = new Set([...trials].sort((left, right) => urgency(left) - urgency(right)).slice(0, MAX_ROWS));
  return trials.filter((trial) => chosen.has(trial));
}

function percentDone({ step, totalSteps }: StudyTrialView): string {
  return totalSteps === 0 ? '-' : `${Math.floor((step / totalSteps) * 100)} %`;
}

function percent(value: Mean | null): string {
  if (value === null) return '-';
  const mean = (value.mean * 100).toFixed(2);
  return value.std === null ? mean : `${mean} ± ${(value.std * 100).toFixed(2)}`;
}
