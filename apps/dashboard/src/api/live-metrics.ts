import type { RunMetrics, StepMetrics } from '#contracts';

/** Points asked of the coordinator, which thins the series to about this many. */
export const REQUESTED_POINTS = 2000;
/** With more points than these the series is asked for anew: a page left open for days stays quick. */
const MAX_POINTS = 6000;

/** Whether the series has grown so long that the coordinator should thin it once more. */
export function isTooLong(metrics: RunMetrics): boolean {
  return metrics.steps.length > MAX_POINTS;
}

/** Adds steps from the live stream: sorted by step, each once, the newest report of a step kept. */
export function appendSteps(metrics: RunMetrics, arrived: readonly StepMetrics[]): RunMetrics {
  const last = metrics.steps.at(-1)?.step ?? 0;
  const isInOrder = arrived.every((step, index) => step.step > (arrived[index - 1]?.step ?? last));
  const steps = isInOrder ? [...metrics.steps, ...arrived] : mergeByStep(metrics.steps, arrived);
  return { ...metrics, steps };
}

/** A fresh series from the coordinator, with the steps that the stream brought while it was under way. */
export function mergeFetched(known: RunMetrics | undefined, fetched: RunMetrics): RunMetrics {
  const last = fetched.steps.at(-1)?.step ?? 0;
  const newer = known?.steps.filter((step) => step.step > last) ?? [];
  return { ...fetched, steps: [...fetched.steps, ...newer] };
}

function mergeByStep(known: readonly StepMetrics[], arrived: readonly StepMetrics[]): StepMetrics[] {
  const byStep = new Map([...known, ...arrived].map((step) => [step.step, step]));
  return [...byStep.values()].sort((left, right) => left.step - right.step);
}
