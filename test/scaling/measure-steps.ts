import { median, type RunSpecInput, type RunView, type StepMetrics } from '#contracts';
import { until } from '../../apps/coordinator/src/testing/until.js';
import type { HostStack } from '../hosts/host-stack.js';

/** What a run trains, and how many samples make a lane of a step. */
export interface Trained {
  readonly model: RunSpecInput['model'];
  readonly laneBatchSize: number;
}

export const NETWORK_NAMES = ['wide', 'light', 'resnet18'] as const;

/** What a step has to do: much to send, a quarter of it for the slowest lines, or as much to compute as lines of 250 Mb/s to 1 Gb/s take to carry. */
export const NETWORKS: Readonly<Record<(typeof NETWORK_NAMES)[number], Trained>> = {
  // Wide at the end, where an image is one pixel: 15 MB of gradient, 16 ms of processor time to compute.
  wide: {
    model: {
      architecture: 'custom',
      numClasses: 10,
      imageSize: 16,
      blocks: { kind: 'basic', stem: '7x7', widths: [16, 32, 64, 600], numBlocks: [1, 1, 1, 1] },
    },
    laneBatchSize: 2,
  },
  // The same with 4 MB of gradient.
  light: {
    model: {
      architecture: 'custom',
      numClasses: 10,
      imageSize: 16,
      blocks: { kind: 'basic', stem: '7x7', widths: [16, 32, 64, 300], numBlocks: [1, 1, 1, 1] },
    },
    laneBatchSize: 2,
  },
  // 45 MB of gradient, a second of processor time. Two workers take 64 of 320 samples: no step of an epoch is short of some.
  resnet18: { model: { architecture: 'resnet18', numClasses: 10, imageSize: 96 }, laneBatchSize: 32 },
};

/** What the median step took, and its parts. */
export interface MeasuredStep {
  readonly stepMs: number;
  readonly computeMs: number;
  readonly dataMs: number;
  readonly updateMs: number;
  readonly exchangeMs: number;
  readonly numSteps: number;
}

/** Of all workers together; TCP learns what the lines take. */
const SKIPPED_STEPS = 3;
/** By then a worker that is alone keeps its roots to itself. */
const SOLE_MEMBER_MS = 6_000;
const WAIT_MS = 300_000;

/** Trains on so many workers until enough steps are measured, and cancels the run. */
export async function measureSteps(
  stack: HostStack,
  workers: number,
  {
    steps: numSteps,
    wire,
    trained,
  }: { readonly steps: number; readonly wire: 'fp32' | 'bf16'; readonly trained: Trained },
): Promise<MeasuredStep> {
  const id = await stack.submit({
    ...trained,
    // One each: all compute at once, and share the cores of this machine.
    lanes: workers,
    wire,
    // With two samples of one pixel for a batch normalisation nothing is learned.
    optimizer: { learningRate: 1e-4 },
    epochs: 1_000,
    workers: { min: workers, max: workers },
    checkpoint: { everySteps: 100_000, keep: 1 },
  });
  const drivers = ({ lanes }: RunView): number => new Set(lanes.flatMap(({ workerId }) => workerId ?? [])).size;
  const joined = await stack.until(id, `${workers} workers`, (view) => drivers(view) === workers);
  // The state of those that came later was on the line until then.
  const isSettled = ({ step, at }: StepMetrics, first: StepMetrics): boolean =>
    step > joined.progress.step + SKIPPED_STEPS && at > first.at + SOLE_MEMBER_MS;
  const measured = await until(
    async () => {
      const steps = await stack.steps(id);
      return steps.filter((step) => steps[0] !== undefined && isSettled(step, steps[0]));
    },
    (steps) => steps.length >= numSteps,
    { what: `${numSteps} steps of ${workers} workers`, timeoutMs: WAIT_MS, everyMs: 250 },
  );
  await stack.cancel(id);
  await stack.untilOver(id);
  const middle = (value: (step: StepMetrics) => number): number => median(measured.map(value));
  return {
    stepMs: middle(({ durationMs }) => durationMs),
    computeMs: middle(({ timings }) => timings.computeMs),
    dataMs: middle(({ timings }) => timings.dataMs),
    updateMs: middle(({ timings }) => timings.updateMs),
    exchangeMs: middle(({ timings }) => timings.exchangeMs),
    numSteps: measured.length,
  };
}
