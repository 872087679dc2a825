import { printable, type DatasetSummary, type DatasetView } from '#contracts';
import { formatTime } from '../../../output/quantities.js';
import { table } from '../../../output/table.js';
import { surveyText } from '../survey-text.js';

const SHOWN_RUNS = 10;
const SHOWN_DIGITS = 12;
const grouped = (value: number): string => value.toLocaleString('en-US');

export function datasetTable(datasets: readonly DatasetSummary[]): string {
  return table(
    [
      { title: 'NAME' },
      { title: 'KIND' },
      { title: 'TRAIN', right: true },
      { title: 'VALIDATION', right: true },
      { title: 'CLASSES', right: true },
      { title: 'SURVEY' },
      { title: 'RUNS', right: true },
      { title: 'PATH' },
    ],
    datasets.map(({ name, kind, newest, survey, numRuns, path }) => [
      newest === null ? name : `${name}@${newest.version}`,
      kind,
      newest === null ? '-' : grouped(newest.numTrainSamples),
      newest === null ? '-' : grouped(newest.numValidationSamples),
      newest === null ? '-' : grouped(newest.numClasses),
      survey.state === 'running' ? `${grouped(survey.numSamples)} images` : survey.state,
      String(numRuns),
      path,
    ]),
  );
}

/** A named data set for a person. */
export function datasetText(view: DatasetView): string {
  return [headText(view), contentText(view), versionTable(view), runTable(view)]
    .filter((part) => part !== '')
    .join('\n\n');
}

function headText({ name, dataset, survey }: DatasetView): string {
  const { kind, path, name: _, ...settings } = dataset;
  const others = Object.entries(settings).map(([field, value]) => `${field} ${JSON.stringify(value)}`);
  return [
    `${name}: ${kind} in ${printable(path)}`,
    ...(others.length === 0 ? [] : [`settings    ${others.join(', ')}`]),
    `survey      ${survey.state}: ${printable(survey.message)}`,
    ...(survey.problem?.errors ?? []).map(
      (fault) => `            ${fault.path === '' ? '' : `${printable(fault.path)}: `}${printable(fault.message)}`,
    ),
  ].join('\n');
}

function contentText({ kind, path, newest, content }: DatasetView): string {
  if (newest === null || content === null) return '';
  const { numTrainSamples, numValidationSamples, digest } = newest;
  const { numBroken: _, ...figures } = content;
  const counts = { kind, path, numTrainSamples, numValidationSamples, digest };
  return surveyText({ ...figures, ...counts, faults: [], examination: null });
}

function versionTable({ versions }: DatasetView): string {
  if (versions.length === 0) return '';
  return table(
    [
      { title: 'VERSION', right: true },
      { title: 'DIGEST' },
      { title: 'TRAIN', right: true },
      { title: 'VALIDATION', right: true },
      { title: 'SURVEYED' },
      { title: 'PATH' },
    ],
    versions.map((one) => [
      String(one.version),
      one.digest.slice(0, SHOWN_DIGITS),
      grouped(one.numTrainSamples),
      grouped(one.numValidationSamples),
      formatTime(one.surveyedAt),
      one.dataset.path,
    ]),
  );
}

function runTable({ runs, numRuns }: DatasetView): string {
  if (runs.length === 0) return '';
  const shown = table(
    [{ title: 'RUN' }, { title: 'NAME' }, { title: 'STATE' }, { title: 'VERSION', right: true }],
    runs.slice(0, SHOWN_RUNS).map(({ id, name, state, version }) => [id, name, state, String(version)]),
  );
  return numRuns > SHOWN_RUNS ? `${shown}\nand ${grouped(numRuns - SHOWN_RUNS)} more` : shown;
}
