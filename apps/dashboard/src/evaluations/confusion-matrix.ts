import type { EvaluationResult } from '#contracts';

export interface ConfusionCell {
  readonly label: number;
  readonly predicted: number;
  readonly count: number;
  /** Of the label's images, in [0, 1]. */
  readonly share: number;
}

/** More classes than this are a list of mistakes: a cell would be too small to point at. */
export const MAX_MATRIX_CLASSES = 40;

/** Every cell of the matrix row by row, those without images too. */
export function confusionCells({
  classes,
  confusion,
}: Pick<EvaluationResult, 'classes' | 'confusion'>): ConfusionCell[] {
  const counts = new Map(confusion.map(([label, predicted, count]) => [label * classes.length + predicted, count]));
  return classes.flatMap(({ samples }, label) =>
    classes.map((_, predicted) => {
      const count = counts.get(label * classes.length + predicted) ?? 0;
      return { label, predicted, count, share: samples === 0 ? 0 : count / samples };
    }),
  );
}

/** What was taken for what, the most frequent first. */
export function mistakes(
  { confusion }: Pick<EvaluationResult, 'confusion'>,
  limit: number,
): EvaluationResult['confusion'] {
  return confusion
    .filter(([label, predicted]) => label !== predicted)
    .toSorted((left, right) => right[2] - left[2])
    .slice(0, limit);
}
