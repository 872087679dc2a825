import type { RunMetrics } from '#contracts';
import { smooth } from './smoothing.js';
import { stretchesOf } from './stretches.js';
import { type XAxisContext, xOf } from './x-axis.js';

/** Columns as uPlot takes them: x, single training steps, the training curve, validation. */
export type Curves = [number[], (number | null)[], (number | null)[], (number | null)[]];

export interface CurveOptions {
  readonly metrics: RunMetrics;
  readonly quantity: 'loss' | 'accuracy';
  readonly context: XAxisContext;
  readonly isSmoothed: boolean;
}

const SMOOTHING_WEIGHT = 0.9;

interface Cell {
  readonly x: number;
  readonly column: 1 | 2 | 3;
  readonly value: number;
}

/**
 * Training and validation over one x column. Of a long series the single steps are those of least and of greatest loss
 * in every stretch, between which all others lie; the curve is that of the stretches' means. Cells of the same x share
 * a row, others of a row are null.
 */
export function buildCurves({ metrics, quantity, context, isSmoothed }: CurveOptions): Curves {
  const stretches = stretchesOf(metrics);
  const means = stretches.map((stretch) => stretch[quantity]);
  const smoothed = isSmoothed ? smooth(means, SMOOTHING_WEIGHT) : means;
  const cells: Cell[] = [
    ...metrics.steps.map((step): Cell => ({ x: xOf(step, context), column: 1, value: step[quantity] })),
    ...stretches.map(({ to: step, at }, index): Cell => ({
      x: xOf({ step, at }, context),
      column: 2,
      value: smoothed[index] ?? 0,
    })),
    ...metrics.evaluations.map((one): Cell => ({ x: xOf(one, context), column: 3, value: one[quantity] })),
  ];
  return inRows(cells.sort((left, right) => left.x - right.x));
}

function inRows(cells: readonly Cell[]): Curves {
  const curves: Curves = [[], [], [], []];
  for (const { x, column, value } of cells) {
    const last = curves[0].length - 1;
    const isShared = curves[0][last] === x && curves[column][last] === null;
    if (!isShared) {
      curves[0].push(x);
      for (const other of [1, 2, 3] as const) curves[other].push(null);
    }
    curves[column][curves[0].length - 1] = value;
  }
  return curves;
}
