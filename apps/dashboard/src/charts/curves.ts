import type { Evaluation, StepMetrics } from '#contracts';
import { smooth } from './smoothing.js';
import { type XAxisContext, xOf } from './x-axis.js';

/** Columns as uPlot takes them: x, every training step, the smoothed training curve, validation. */
export type Curves = [number[], (number | null)[], (number | null)[], (number | null)[]];

export interface CurveOptions {
  readonly steps: readonly StepMetrics[];
  readonly evaluations: readonly Evaluation[];
  readonly quantity: 'loss' | 'accuracy';
  readonly context: XAxisContext;
  readonly isSmoothed: boolean;
}

const SMOOTHING_WEIGHT = 0.9;

/**
 * Training and validation over one x column. Both inputs are sorted; where both have a value at the same x they share a
 * row, elsewhere the other's cell is null.
 */
export function buildCurves(options: CurveOptions): Curves {
  const { steps, evaluations, quantity, context } = options;
  const raw = steps.map((step) => step[quantity]);
  const smoothed = options.isSmoothed ? smooth(raw, SMOOTHING_WEIGHT) : raw;
  const curves: Curves = [[], [], [], []];
  let next = 0;
  const pushEvaluationsBefore = (x: number): void => {
    for (let evaluation = evaluations[next]; evaluation !== undefined; evaluation = evaluations[next]) {
      const evaluationX = xOf(evaluation, context);
      if (evaluationX >= x) return;
      pushRow(curves, [evaluationX, null, null, evaluation[quantity]]);
      next += 1;
    }
  };
  steps.forEach((step, index) => {
    const x = xOf(step, context);
    pushEvaluationsBefore(x);
    const evaluation = evaluations[next];
    const isShared = evaluation !== undefined && xOf(evaluation, context) === x;
    if (isShared) next += 1;
    pushRow(curves, [x, raw[index] ?? null, smoothed[index] ?? null, isShared ? evaluation[quantity] : null]);
  });
  pushEvaluationsBefore(Number.POSITIVE_INFINITY);
  return curves;
}

function pushRow(curves: Curves, row: readonly [number, number | null, number | null, number | null]): void {
  curves[0].push(row[0]);
  curves[1].push(row[1]);
  curves[2].push(row[2]);
  curves[3].push(row[3]);
}
