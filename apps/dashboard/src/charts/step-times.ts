import type { StepMetrics } from '#contracts';
import { type XAxisContext, xOf } from './x-axis.js';

/** The parts of a step's time in the order in which they are stacked, from the bottom. */
export const STEP_PARTS = ['compute', 'exchange', 'data', 'update'] as const;
export type StepPart = (typeof STEP_PARTS)[number];

/** Steps are averaged in this many buckets, so that thousands of bars stay legible and cheap. */
const MAX_BUCKETS = 160;

/** One bucket of neighbouring steps. */
interface Bucket {
  readonly x: number;
  readonly imagesPerSecond: number | null;
  /** Mean milliseconds per part. */
  readonly parts: Readonly<Record<StepPart, number>>;
}

function bucketOf(steps: readonly StepMetrics[], context: XAxisContext): Bucket | null {
  const last = steps.at(-1);
  if (last === undefined) return null;
  const mean = (pick: (step: StepMetrics) => number): number =>
    steps.reduce((sum, step) => sum + pick(step), 0) / steps.length;
  const durationMs = mean((step) => step.durationMs);
  return {
    x: xOf(last, context),
    imagesPerSecond: durationMs > 0 ? (mean((step) => step.samples) / durationMs) * 1000 : null,
    parts: {
      compute: mean((step) => step.timings.computeMs),
      exchange: mean((step) => step.timings.exchangeMs),
      data: mean((step) => step.timings.dataMs),
      update: mean((step) => step.timings.updateMs),
    },
  };
}

function buckets(steps: readonly StepMetrics[], context: XAxisContext): Bucket[] {
  // A power of two keeps the borders of earlier buckets where they were while a run grows.
  const size = 2 ** Math.max(0, Math.ceil(Math.log2(steps.length / MAX_BUCKETS)));
  const result: Bucket[] = [];
  for (let from = 0; from < steps.length; from += size) {
    const bucket = bucketOf(steps.slice(from, from + size), context);
    if (bucket !== null) result.push(bucket);
  }
  return result;
}

/** Columns: x, images per second. */
export function buildThroughput(steps: readonly StepMetrics[], context: XAxisContext): [number[], (number | null)[]] {
  const all = buckets(steps, context);
  return [all.map((bucket) => bucket.x), all.map((bucket) => bucket.imagesPerSecond)];
}

/**
 * Columns: x, then one per part from the top of the stack to its bottom, each the height up to and including that part:
 * painted in this order, every area covers the one before down to its own height.
 */
export function buildStepSplit(steps: readonly StepMetrics[], context: XAxisContext): [number[], ...number[][]] {
  const all = buckets(steps, context);
  const columns = STEP_PARTS.map((_, index) =>
    all.map((bucket) => STEP_PARTS.slice(0, index + 1).reduce((sum, part) => sum + bucket.parts[part], 0)),
  );
  return [all.map((bucket) => bucket.x), ...columns.toReversed()];
}

/** Mean milliseconds per part over the newest `count` steps; null before the first step. */
export function recentSplit(steps: readonly StepMetrics[], count = 50): Readonly<Record<StepPart, number>> | null {
  return bucketOf(steps.slice(-count), { axis: 'step', stepsPerEpoch: 1, startedAt: 0 })?.parts ?? null;
}
