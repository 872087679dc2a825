import { printable, type EvaluationResult } from '#contracts';
import { formatLoss, formatShare } from '../../output/quantities.js';
import { table } from '../../output/table.js';

/** How many confusions are named. */
const NUM_CONFUSIONS = 5;

/** An evaluation for a person: errors as the paper's tables give them, then classes and what was taken for what. */
export function resultText(result: EvaluationResult, showsClasses: boolean): string {
  const { samples, loss, accuracy, top5Accuracy, classes, confusion } = result;
  const top = (name: string, share: number): string =>
    `${name}  ${formatShare(share, 2)} right, ${formatShare(1 - share, 2)} error`;
  const head = [
    `images  ${samples}`,
    top('top-1 ', accuracy),
    ...(top5Accuracy === undefined ? [] : [top('top-5 ', top5Accuracy)]),
    `loss    ${formatLoss(loss)}`,
  ];
  const nameOf = (index: number): string => printable(classes[index]?.name ?? String(index));
  const mistakes = confusion
    .filter(([label, predicted]) => label !== predicted)
    .toSorted((a, b) => b[2] - a[2])
    .slice(0, NUM_CONFUSIONS)
    .map(([label, predicted, count]) => `  ${nameOf(label)} taken for ${nameOf(predicted)}: ${count}`);
  const rows = classes.map(({ name, samples: count, correct, accuracy: share }) => [
    printable(name),
    String(count),
    String(correct),
    share === null ? '-' : formatShare(share, 2),
  ]);
  const columns = [
    { title: 'CLASS' },
    { title: 'IMAGES', right: true },
    { title: 'RIGHT', right: true },
    { title: 'ACCURACY', right: true },
  ];
  return [
    ...head,
    ...(mistakes.length === 0 ? [] : ['most frequent mistakes', ...mistakes]),
    ...(showsClasses ? [table(columns, rows)] : []),
  ].join('\n');
}
