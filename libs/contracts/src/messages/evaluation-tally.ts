import type { EvaluationTally, EvaluationResult } from './evaluation.schema.js';

/** Top-5 says something only where there are more classes. */
const TOP = 5;

/** The counts of several parts together. Whole numbers add up exactly; the loss is added in the order given. */
export function mergeTallies(parts: readonly EvaluationTally[]): EvaluationTally {
  const cells = new Map<string, [number, number, number]>();
  for (const [label, predicted, count] of parts.flatMap((part) => part.confusion)) {
    const key = `${label} ${predicted}`;
    cells.set(key, [label, predicted, (cells.get(key)?.[2] ?? 0) + count]);
  }
  const total = (field: 'lossSum' | 'samples' | 'correct' | 'correctTop5'): number =>
    parts.reduce((sum, part) => sum + part[field], 0);
  return {
    lossSum: total('lossSum'),
    samples: total('samples'),
    correct: total('correct'),
    correctTop5: total('correctTop5'),
    confusion: [...cells.values()].sort((a, b) => a[0] - b[0] || a[1] - b[1]),
  };
}

/** Shares of counts, in all and per class. */
export function evaluationResult(counts: EvaluationTally, classNames: readonly string[]): EvaluationResult {
  const { samples, lossSum, correct, correctTop5, confusion } = counts;
  const perClass = classNames.map((name) => ({ name, samples: 0, correct: 0 }));
  for (const [label, predicted, count] of confusion) {
    const row = perClass[label];
    if (row === undefined) throw new Error(`label ${label} is none of ${classNames.length} classes`);
    row.samples += count;
    if (label === predicted) row.correct += count;
  }
  return {
    samples,
    loss: lossSum / samples,
    accuracy: correct / samples,
    ...(classNames.length > TOP ? { top5Accuracy: correctTop5 / samples } : {}),
    classes: perClass.map((row) => ({ ...row, accuracy: row.samples === 0 ? null : row.correct / row.samples })),
    confusion,
  };
}
