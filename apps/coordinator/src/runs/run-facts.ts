import type { RunSummary } from '#contracts';
import type { EndedTraining } from '../storage/ended-run.js';
import type { TrainingRun } from './live-run.js';

/** What lists find and sort runs by. The summary is made for those alone that are shown or sorted by it. */
export interface RunFacts extends Pick<RunSummary, 'id' | 'name' | 'state' | 'createdAt' | 'tags' | 'isArchived'> {
  readonly notes: string;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly studyId: string | null;
  readonly summary: () => RunSummary;
}

/** `summarize`: makes the summary of a run that is in memory. */
export function runFacts(run: TrainingRun | EndedTraining, summarize: (run: TrainingRun) => RunSummary): RunFacts {
  if ('record' in run) {
    const { id, state, createdAt, tags, isArchived, notes, spec, study } = run.record;
    const common = { id, name: spec.name, state, createdAt, tags, isArchived, notes, spec };
    let summary: RunSummary | undefined;
    return { ...common, studyId: study?.id ?? null, summary: () => (summary ??= summarize(run)) };
  }
  const { summary, notes, spec } = run;
  const { id, name, state, createdAt, tags, isArchived, studyId } = summary;
  return { id, name, state, createdAt, tags, isArchived, notes, spec, studyId, summary: () => summary };
}
