import { median, RefusedInputError, type RunView, type StepMetrics } from '#contracts';
import type { SkiplaneClient } from '../../api-client/skiplane-client.js';
import type { StepWork } from './step-model.js';

export type MeasuredTimes = Pick<StepWork, 'computeMs' | 'dataMs' | 'updateMs'>;

/** The first steps of a worker pay for graphs, caches and threads. */
const SKIPPED_STEPS = 5;
const MOST_STEPS = 1_000;

/**
 * What the parts of a step took in a run, medians of its recorded steps. A turn is counted by the run's workers: those it has,
 * or, where it is over, as many as `runWorkers` says, each with `engines`.
 */
export async function timesOfRun(
  client: SkiplaneClient,
  run: RunView,
  { runWorkers, engines }: { readonly runWorkers: number | undefined; readonly engines: number },
): Promise<MeasuredTimes> {
  const { steps } = await client.metrics(run.id, MOST_STEPS);
  const turns = turnsOf(run, runWorkers, engines);
  const counted = steps.slice(SKIPPED_STEPS);
  if (turns === null || counted.length === 0) {
    const faults = [
      ...(turns === null
        ? [{ path: '--run-workers', message: 'nobody trains the run now: say how many workers it had' }]
        : []),
      ...(counted.length === 0
        ? [{ path: '--run', message: `it has ${steps.length} steps, and the first ${SKIPPED_STEPS} are not typical` }]
        : []),
    ];
    throw new RefusedInputError('the run does not tell what a step takes', faults);
  }
  const middle = (part: keyof StepMetrics['timings']): number => median(counted.map(({ timings }) => timings[part]));
  return { computeMs: middle('computeMs') / turns, dataMs: middle('dataMs'), updateMs: middle('updateMs') };
}

/** Turns of the worker with most lanes; null where nobody knows. */
function turnsOf(run: RunView, runWorkers: number | undefined, engines: number): number | null {
  if (runWorkers !== undefined) return Math.ceil(Math.ceil(run.spec.lanes / runWorkers) / engines);
  const turns = run.stragglerReport.map((worker) => Math.ceil(worker.lanes / worker.engines));
  return turns.length === 0 ? null : Math.max(...turns);
}
