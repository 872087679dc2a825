import { TERMINAL_STATES, type RunState } from '#contracts';
import type { StudyRecord } from '../storage/study-record.schema.js';

/** What can happen to a study. `at` is milliseconds since 1970. */
export type StudyHappening = { readonly at: number } & (
  | { readonly kind: 'run-submitted'; readonly trial: number; readonly runId: string }
  | { readonly kind: 'run-refused'; readonly trial: number; readonly reason: string }
  /** How its runs stand, by id; one that is not there is lost. */
  | { readonly kind: 'runs-observed'; readonly states: ReadonlyMap<string, RunState> }
  | { readonly kind: 'cancel-requested' }
);

/** Pure: the record after the happening; the same object where nothing changed. */
export function reduceStudy(record: StudyRecord, happening: StudyHappening): StudyRecord {
  switch (happening.kind) {
    case 'run-submitted':
      return withTrial(record, happening.trial, { runId: happening.runId, refusal: null });
    case 'run-refused':
      return record.state === 'running'
        ? withTrial(record, happening.trial, { runId: null, refusal: happening.reason })
        : record;
    case 'runs-observed':
      return observed(record, happening);
    case 'cancel-requested':
      return record.state === 'running' ? { ...record, state: 'cancelled', finishedAt: happening.at } : record;
  }
}

/** Trials that nothing has become of yet. */
export function trialsToSubmit(record: StudyRecord): number[] {
  if (record.state !== 'running') return [];
  return record.trials.flatMap(({ runId, refusal }, index) => (runId === null && refusal === null ? [index] : []));
}

function withTrial(record: StudyRecord, index: number, trial: StudyRecord['trials'][number]): StudyRecord {
  const held = record.trials[index];
  // A run that was made stays the trial's run, whatever is said later.
  if (held === undefined || held.runId !== null) return record;
  return { ...record, trials: record.trials.with(index, trial) };
}

function observed(
  record: StudyRecord,
  { at, states }: Extract<StudyHappening, { kind: 'runs-observed' }>,
): StudyRecord {
  if (record.state !== 'running' || trialsToSubmit(record).length > 0) return record;
  const ends = record.trials.map(({ runId }) => (runId === null ? undefined : states.get(runId)));
  if (!ends.every((state) => state === undefined || TERMINAL_STATES.includes(state))) return record;
  return { ...record, state: ends.includes('finished') ? 'finished' : 'failed', finishedAt: at };
}
