import type { WorkerTimes } from '#contracts';

/** The times of a worker whose turns all take the same time. */
export function workerTimes(
  workerId: string,
  lanes: number,
  turnMs: number,
  { engines = 1, restMs = 5 }: { readonly engines?: number; readonly restMs?: number } = {},
): WorkerTimes {
  return {
    workerId,
    lanes,
    engines,
    steps: 5,
    turnMs: { least: turnMs, median: turnMs, most: turnMs },
    restMs,
    phases: { data: 0, compute: turnMs, exchange: restMs },
    slowness: null,
  };
}
