import type { StepMetrics } from '#contracts';
import { type XAxisContext, type XRange, xOf } from './x-axis.js';

/** Steps of a run that are in view, both ends included. */
export interface StepRange {
  readonly from: number;
  readonly to: number;
}

type Place = Pick<StepMetrics, 'step' | 'at'>;

/** Reads the range from the address; null where there is none. */
export function parseStepRange(from: string | null, to: string | null): StepRange | null {
  const range = { from: Number(from), to: Number(to) };
  const isRange =
    Number.isInteger(range.from) && Number.isInteger(range.to) && range.from >= 1 && range.from < range.to;
  return isRange ? range : null;
}

/** The steps in a part of the x axis; null where there are fewer than two. */
export function stepsIn({ min, max }: XRange, steps: readonly Place[], context: XAxisContext): StepRange | null {
  const from = steps.find((step) => xOf(step, context) >= min)?.step;
  const to = steps.findLast((step) => xOf(step, context) <= max)?.step;
  return from === undefined || to === undefined || from >= to ? null : { from, to };
}

/** The part of the x axis from the first to the last known step of a range; null where there are fewer than two. */
export function xRangeOf({ from, to }: StepRange, steps: readonly Place[], context: XAxisContext): XRange | null {
  const first = steps.find(({ step }) => step >= from);
  const last = steps.findLast(({ step }) => step <= to);
  if (first === undefined || last === undefined || first.step >= last.step) return null;
  return { min: xOf(first, context), max: xOf(last, context) };
}
