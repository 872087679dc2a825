import { printable } from '#contracts';
import type { DatasetSurvey, SharedImages, SizeSpread } from '#dataset';
import { formatBytes } from '../../output/quantities.js';
import { table } from '../../output/table.js';
import type { Examination } from './examine-images.js';

/** A survey, and what bytes and pixels tell; null where faults left nothing to compare. */
export interface Inspection extends DatasetSurvey {
  readonly examination: Examination | null;
}

/** So many faults are named; the JSON has them all. */
const NAMED_FAULTS = 20;
/** Tables of more classes are summed up: so many of the smallest and of the largest are shown. */
const SHOWN_CLASSES = 40;
const SHOWN_ENDS = 5;
const NAMED_KINDS = 8;
const NAMED_DUPLICATES = 5;

const grouped = (value: number): string => value.toLocaleString('en-US');

/** An inspection for a person: totals, the classes, then what is wrong. */
export function surveyText(survey: Inspection): string {
  const formats = Object.entries(survey.formats).map(([format, count]) => `${format} (${grouped(count)})`);
  const pixels = (value: number): string => `${value} px`;
  const totals = [
    `${printable(survey.path)}: ${survey.kind}, ${grouped(survey.classes.length)} classes`,
    `train       ${grouped(survey.numTrainSamples)} images`,
    `validation  ${grouped(survey.numValidationSamples)} images`,
    ...balanceLines(survey.classes),
    `width       ${spread(survey.width, pixels)}`,
    `height      ${spread(survey.height, pixels)}`,
    `file size   ${spread(survey.sizeBytes, formatBytes)}`,
    `formats     ${formats.join(', ') || 'none'}`,
    ...(survey.numTurned === 0
      ? []
      : [`turned      ${grouped(survey.numTurned)} (EXIF; shown upright unless "orientation" is "as-stored")`]),
    ...(survey.numWithProfile === 0
      ? []
      : [`profiles    ${grouped(survey.numWithProfile)} (colour profiles; none is applied)`]),
    ...otherLines(survey.others),
    ...examinationLines(survey.examination),
    `digest      ${survey.digest ?? 'none, it is not fit for training'}`,
  ];
  return [totals.join('\n'), classTable(survey.classes), faultText(survey)]
    .filter((part) => part.length > 0)
    .join('\n\n');
}

function spread(size: SizeSpread | null, words: (value: number) => string): string {
  if (size === null) return 'no sound image';
  const [min, max] = [words(size.min), words(size.max)];
  if (min === max) return min;
  // 10 to 40 px: the unit once, where it is the same.
  const unit = / \S+$/.exec(max)?.[0] ?? '';
  const from = min.endsWith(unit) ? min.slice(0, min.length - unit.length) : min;
  return `${from} to ${max}, median ${words(size.median)}`;
}

function balanceLines(classes: DatasetSurvey['classes']): readonly string[] {
  const sizes = classes.map(({ numTrain }) => numTrain).toSorted((a, b) => a - b);
  const [min, max] = [sizes[0], sizes.at(-1)];
  if (min === undefined || max === undefined || min === max) return [];
  const median = sizes[(sizes.length - 1) >> 1] ?? 0;
  const times = min === 0 ? '' : ` (${(max / min).toFixed(1)} times as many in the largest class)`;
  return [`a class     ${grouped(min)} to ${grouped(max)} training images, median ${grouped(median)}${times}`];
}

function otherLines(others: DatasetSurvey['others']): readonly string[] {
  if (others.length === 0) return [];
  const total = others.reduce((sum, { count }) => sum + count, 0);
  const named = others
    .slice(0, NAMED_KINDS)
    .map(({ extension, kind, count }) => `${grouped(count)} ${printable(extension) || 'without extension'} (${kind})`);
  const more = others.length > NAMED_KINDS ? ', …' : '';
  return [`left out    ${grouped(total)} files that are no images of ours: ${named.join(', ')}${more}`];
}

function examinationLines(examination: Examination | null): readonly string[] {
  if (examination === null) return [];
  const { duplicates, nearDuplicates, undecodable } = examination;
  return [
    ...(undecodable === null
      ? []
      : [`decoded     ${undecodable.length === 0 ? 'all' : `${grouped(undecodable.length)} images cannot be`}`]),
    ...duplicateLines('duplicates', 'are in train as well, byte for byte', duplicates),
    ...(nearDuplicates === null ? [] : duplicateLines('alike', 'look like one of train', nearDuplicates)),
  ];
}

function duplicateLines(
  title: string,
  words: string,
  { numImages, numOfOtherClass, examples }: SharedImages,
): string[] {
  if (numImages === 0) return [`${title.padEnd(12)}none: no images of validation ${words}`];
  const other = numOfOtherClass === 0 ? '' : `, ${grouped(numOfOtherClass)} of them in another class`;
  const named = examples
    .slice(0, NAMED_DUPLICATES)
    .map(({ validation, train }) => `            ${printable(validation)} and ${printable(train)}`);
  const rest = numImages > named.length ? [`            and ${grouped(numImages - named.length)} more`] : [];
  return [`${title.padEnd(12)}${grouped(numImages)} images of validation ${words}${other}`, ...named, ...rest];
}

function classTable(classes: DatasetSurvey['classes']): string {
  if (classes.length === 0) return '';
  const hasNames = classes.some(({ name, readableName }) => name !== readableName);
  const rows = (shown: DatasetSurvey['classes']): string =>
    table(
      [
        { title: 'CLASS' },
        ...(hasNames ? [{ title: 'NAME' }] : []),
        { title: 'TRAIN', right: true },
        { title: 'VALIDATION', right: true },
      ],
      shown.map(({ name, readableName, numTrain, numValidation }) => [
        name,
        ...(hasNames ? [readableName] : []),
        grouped(numTrain),
        grouped(numValidation),
      ]),
    );
  if (classes.length <= SHOWN_CLASSES) return rows(classes);
  const bySize = classes.toSorted((a, b) => a.numTrain - b.numTrain);
  const ends = [...bySize.slice(0, SHOWN_ENDS), ...bySize.slice(-SHOWN_ENDS)];
  return `${rows(ends)}\nthe ${SHOWN_ENDS} smallest and largest of ${grouped(classes.length)} classes (--json has all)`;
}

function faultText({ faults, broken, examination }: Inspection): string {
  const all = [...faults, ...broken, ...(examination?.undecodable ?? [])];
  if (all.length === 0) return 'nothing is wrong with it';
  const named = all.slice(0, NAMED_FAULTS).map(
    // What is said of the data set as a whole has no path.
    ({ path, message }) => `  ${path === '' ? '' : `${printable(path)}: `}${printable(message)}`,
  );
  const rest = all.length > named.length ? [`  and ${grouped(all.length - named.length)} more (--json names all)`] : [];
  const numBroken = all.length - faults.length;
  return [`wrong (${grouped(faults.length)} faults, ${grouped(numBroken)} broken files):`, ...named, ...rest].join(
    '\n',
  );
}
