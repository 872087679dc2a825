import type { WorkerPace } from '#contracts';

/** The pace of a worker whose turns all take the same time. */
export function workerPace(
  workerId: string,
  lanes: number,
  turnMs: number,
  { engines = 1, restMs = 5 }: { readonly engines?: number; readonly restMs?: number } = {},
): WorkerPace {
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
