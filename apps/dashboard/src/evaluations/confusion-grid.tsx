import { printable, type EvaluationResult } from '#contracts';
import { formatPercent } from '../format/format.js';
import { confusionCells, MAX_MATRIX_CLASSES, mistakes } from './confusion-matrix.js';

const NUM_MISTAKES = 20;

/** Labels down, predictions across; where there are too many classes, the most frequent mistakes. */
export function ConfusionGrid({ result }: { readonly result: EvaluationResult }) {
  const { classes } = result;
  const nameOf = (index: number): string => printable(classes[index]?.name ?? String(index));
  if (classes.length > MAX_MATRIX_CLASSES) {
    return (
      <ol className="mistakes" aria-label="Most frequent mistakes">
        {mistakes(result, NUM_MISTAKES).map(([label, predicted, count]) => (
          <li key={`${label} ${predicted}`}>
            {nameOf(label)} taken for {nameOf(predicted)}: {count}
          </li>
        ))}
      </ol>
    );
  }
  const side = { gridTemplateColumns: `repeat(${classes.length}, minmax(0, 1fr))` };
  return (
    <figure className="confusion">
      <div
        className="confusion-grid"
        role="img"
        aria-label="Confusion matrix, labels down, predictions across"
        style={side}
      >
        {confusionCells(result).map(({ label, predicted, count, share }) => (
          <span
            key={`${label} ${predicted}`}
            data-right={label === predicted}
            style={{ opacity: count === 0 ? 0.08 : 0.25 + 0.75 * share }}
            title={`${nameOf(label)} taken for ${nameOf(predicted)}: ${count} (${formatPercent(share)})`}
          />
        ))}
      </div>
      <figcaption className="muted">
        One row a class, one column a prediction; stronger is more of the class.
      </figcaption>
    </figure>
  );
}
