import type { Stretch } from './stretches.js';
import { type XAxisContext, xOf } from './x-axis.js';

/** The parts of a step's time in the order in which they are stacked, from the bottom. */
export const STEP_PARTS = ['compute', 'exchange', 'data', 'update'] as const;
export type StepPart = (typeof STEP_PARTS)[number];

/** Stretches are averaged in this many buckets, so that thousands of bars stay legible and cheap. */
const MAX_BUCKETS = 160;

/** One bucket of neighbouring stretches. */
interface Bucket {
  readonly x: number;
  readonly imagesPerSecond: number | null;
  /** Mean milliseconds of a step per part. */
  readonly parts: Readonly<Record<StepPart, number>>;
}

function bucketOf(stretches: readonly Stretch[], context: XAxisContext): Bucket | null {
  const last = stretches.at(-1);
  if (last === undefined) return null;
  const numSteps = stretches.reduce((sum, stretch) => sum + stretch.numSteps, 0);
  const mean = (pick: (stretch: Stretch) => number): number =>
    stretches.reduce((sum, stretch) => sum + pick(stretch) * stretch.numSteps, 0) / numSteps;
  const samples = stretches.reduce((sum, stretch) => sum + stretch.samples, 0);
  const durationMs = mean((stretch) => stretch.durationMs);
  return {
    x: xOf({ step: last.to, at: last.at }, context),
    imagesPerSecond: durationMs > 0 ? (samples / numSteps / durationMs) * 1000 : null,
    parts: {
      compute: mean(({ timings }) => timings.computeMs),
      exchange: mean(({ timings }) => timings.exchangeMs),
      data: mean(({ timings }) => timings.dataMs),
      update: mean(({ timings }) => timings.updateMs),
    },
  };
}

function buckets(stretches: readonly Stretch[], context: XAxisContext): Bucket[] {
  // A power of two keeps the borders of earlier buckets where they were while a run grows.
  const size = 2 ** Math.max(0, Math.ceil(Math.log2(stretches.length / MAX_BUCKETS)));
  const result: Bucket[] = [];
  for (let from = 0; from < stretches.length; from += size) {
    const bucket = bucketOf(stretches.slice(from, from + size), context);
    if (bucket !== null) result.push(bucket);
  }
  return result;
}

/** Columns: x, images per second. */
export function buildThroughput(stretches: readonly Stretch[], context: XAxisContext): [number[], (number | null)[]] {
  const all = buckets(stretches, context);
  return [all.map((bucket) => bucket.x), all.map((bucket) => bucket.imagesPerSecond)];
}

/**
 * Columns: x, then one per part from the top of the stack to its bottom, each the height up to and including that part:
 * painted in this order, every area covers the one before down to its own height.
 */
export function buildStepSplit(stretches: readonly Stretch[], context: XAxisContext): [number[], ...number[][]] {
  const all = buckets(stretches, context);
  const columns = STEP_PARTS.map((_, index) =>
    all.map((bucket) => STEP_PARTS.slice(0, index + 1).reduce((sum, part) => sum + bucket.parts[part], 0)),
  );
  return [all.map((bucket) => bucket.x), ...columns.toReversed()];
}

/** The newest stretches with at least `count` steps: how many steps they have, and mean milliseconds per part. */
export function recentSplit(stretches: readonly Stretch[], count = 50) {
  let from = stretches.length;
  let numSteps = 0;
  while (from > 0 && numSteps < count) {
    from -= 1;
    numSteps += stretches[from]?.numSteps ?? 0;
  }
  const bucket = bucketOf(stretches.slice(from), { axis: 'step', stepsPerEpoch: 1, startedAt: 0 });
  return bucket === null ? null : { numSteps, parts: bucket.parts };
}
