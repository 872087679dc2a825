import { parseDatasetReference, type DatasetSummary, type DatasetSurveyView, type DatasetView } from '#contracts';
import { stateOf } from '../runs/ended-runs.js';
import type { TrainingRun } from '../runs/live-run.js';
import type { DatasetRecord } from '../storage/dataset-record.schema.js';
import type { EndedTraining } from '../storage/ended-run.js';
import type { SurveyProgress } from './dataset-surveys.js';

const MOST_RUNS = 100;

type NamedRun = DatasetView['runs'][number];

/** What lists show of a named data set. `progress`: of the survey that is under way. */
export function datasetSummary(
  { name, createdAt, dataset, survey, versions }: DatasetRecord,
  progress: SurveyProgress | undefined,
  numRuns: number,
): DatasetSummary {
  const [version] = versions;
  const { dataset: _, ...newest } = version ?? { dataset };
  return {
    name,
    kind: dataset.kind,
    path: dataset.path,
    createdAt,
    survey: surveyView(survey, versions, progress),
    newest: 'digest' in newest ? newest : null,
    numVersions: versions.length,
    numRuns,
  };
}

/** `runs`: those that name it, the newest first. */
export function datasetView(
  record: DatasetRecord,
  progress: SurveyProgress | undefined,
  runs: readonly NamedRun[],
): DatasetView {
  const { dataset, versions, content } = record;
  const summary = datasetSummary(record, progress, runs.length);
  return { ...summary, dataset, versions, content, runs: runs.slice(0, MOST_RUNS) };
}

function surveyView(
  { state, startedAt, finishedAt, problem }: DatasetRecord['survey'],
  versions: DatasetRecord['versions'],
  progress: SurveyProgress | undefined,
): DatasetSurveyView {
  const [newest] = versions;
  const numExpected = newest === undefined ? null : newest.numTrainSamples + newest.numValidationSamples;
  const common = { numExpected, startedAt, finishedAt, problem };
  if (state === 'under-way') {
    const { message = 'waits to be looked at', numSamples } = progress ?? {};
    return { ...common, state: numSamples === undefined ? 'waiting' : 'running', message, numSamples: numSamples ?? 0 };
  }
  const words = { ready: 'fit for training', cancelled: 'the survey was cancelled' };
  const message = problem?.detail ?? (state === 'ready' || state === 'cancelled' ? words[state] : state);
  return { ...common, state, message, numSamples: state === 'ready' ? (numExpected ?? 0) : 0 };
}

/** Runs by the name of their data set, the newest first. */
export function runsByDataset(trainings: readonly (TrainingRun | EndedTraining)[]): ReadonlyMap<string, NamedRun[]> {
  const byName = new Map<string, NamedRun[]>();
  for (const run of trainings) {
    const { dataset } = 'record' in run ? run.record.spec : run.spec;
    const reference = typeof dataset === 'object' && dataset !== null && 'name' in dataset ? dataset.name : undefined;
    if (typeof reference !== 'string') continue;
    const { name, version } = parseDatasetReference(reference);
    const { id, createdAt } = 'record' in run ? run.record : run;
    const shown = 'record' in run ? run.record.spec.name : run.summary.name;
    const held = byName.get(name) ?? [];
    held.push({ id, name: shown, state: stateOf(run), createdAt, version: version ?? 1 });
    byName.set(name, held);
  }
  for (const runs of byName.values()) runs.sort((left, right) => right.createdAt - left.createdAt);
  return byName;
}
