import type { DatasetSurvey } from '#dataset';
import { table } from '../../output/table.js';

/** So many faults are named; the JSON has them all. */
const NAMED_FAULTS = 20;

const grouped = (value: number): string => value.toLocaleString('en-US');

/** A survey for a person: totals, one row a class, then what is wrong. */
export function surveyText(survey: DatasetSurvey): string {
  const formats = Object.entries(survey.formats).map(([format, count]) => `${format} (${grouped(count)})`);
  const totals = [
    `${survey.path}: ${survey.kind}, ${grouped(survey.classes.length)} classes`,
    `train       ${grouped(survey.numTrainSamples)} images`,
    `validation  ${grouped(survey.numValidationSamples)} images`,
    `width       ${spread(survey.width)}`,
    `height      ${spread(survey.height)}`,
    `formats     ${formats.join(', ') || 'none'}`,
    ...(survey.numTurned === 0
      ? []
      : [`turned      ${grouped(survey.numTurned)} (EXIF; shown upright unless "orientation" is "as-stored")`]),
    ...(survey.numWithProfile === 0
      ? []
      : [`profiles    ${grouped(survey.numWithProfile)} (colour profiles; none is applied)`]),
    `digest      ${survey.digest ?? 'none, it is not fit for training'}`,
  ];
  return [totals.join('\n'), classTable(survey.classes), faultText(survey)]
    .filter((part) => part.length > 0)
    .join('\n\n');
}

function spread(size: DatasetSurvey['width']): string {
  if (size === null) return 'no sound image';
  return size.min === size.max ? `${size.min} px` : `${size.min} to ${size.max} px, median ${size.median} px`;
}

function classTable(classes: DatasetSurvey['classes']): string {
  if (classes.length === 0) return '';
  const hasNames = classes.some(({ name, readableName }) => name !== readableName);
  return table(
    [
      { title: 'CLASS' },
      ...(hasNames ? [{ title: 'NAME' }] : []),
      { title: 'TRAIN', right: true },
      { title: 'VALIDATION', right: true },
    ],
    classes.map(({ name, readableName, numTrain, numValidation }) => [
      name,
      ...(hasNames ? [readableName] : []),
      grouped(numTrain),
      grouped(numValidation),
    ]),
  );
}

function faultText({ faults, broken }: DatasetSurvey): string {
  const all = [...faults, ...broken];
  if (all.length === 0) return 'nothing is wrong with it';
  const named = all.slice(0, NAMED_FAULTS).map(({ path, message }) => `  ${path}: ${message}`);
  const rest = all.length > named.length ? [`  and ${grouped(all.length - named.length)} more (--json names all)`] : [];
  return [`wrong (${grouped(faults.length)} faults, ${grouped(broken.length)} broken files):`, ...named, ...rest].join(
    '\n',
  );
}
