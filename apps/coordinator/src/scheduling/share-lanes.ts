import { STRAGGLER_STEPS, type LaneShare, type WorkerTimes } from '#contracts';

/** Lanes move where a step's slowest part gets this much shorter, even if all turns out as it was at its worst. */
const WORTHWHILE = 0.9;

/** What a worker with `lanes` lanes takes for a step, when a turn of its engines takes `turnMs`. */
const stepMs = ({ engines, restMs }: WorkerTimes, lanes: number, turnMs: number): number =>
  Math.ceil(lanes / engines) * turnMs + restMs;

/**
 * Lanes by measured speed: one lane after the other goes from whoever ends a step last to whoever would end it first
 * with one more, as long as that is earlier. Null where that gains little, or would not have in one of the last steps:
 * the giver is taken at its fastest, the others at their slowest, so even workers keep even shares and lanes do not go
 * back and forth. Everybody keeps a lane, to be measured by, and nothing moves before all have been for some steps.
 */
export function shareLanes(workers: readonly WorkerTimes[]): readonly LaneShare[] | null {
  if (workers.some(({ steps }) => steps < STRAGGLER_STEPS)) return null;
  const shares = new Map(workers.map((worker) => [worker, worker.lanes]));
  const lanesOf = (worker: WorkerTimes): number => shares.get(worker) ?? 0;
  const endsAt = (worker: WorkerTimes, more = 0): number =>
    stepMs(worker, lanesOf(worker) + more, worker.turnMs.median);
  const numLanes = workers.reduce((sum, { lanes }) => sum + lanes, 0);
  for (let move = 0; move < numLanes; move += 1) {
    const [last] = workers.filter((worker) => lanesOf(worker) > 1).sort((left, right) => endsAt(right) - endsAt(left));
    const [first] = workers
      .filter((worker) => worker !== last)
      .sort((left, right) => endsAt(left, 1) - endsAt(right, 1));
    if (last === undefined || first === undefined || endsAt(first, 1) >= endsAt(last)) break;
    shares.set(last, lanesOf(last) - 1);
    shares.set(first, lanesOf(first) + 1);
  }
  const before = Math.max(...workers.map((worker) => stepMs(worker, worker.lanes, worker.turnMs.least)));
  const after = Math.max(
    ...workers.map((worker) =>
      stepMs(worker, lanesOf(worker), worker.turnMs[lanesOf(worker) > worker.lanes ? 'most' : 'median']),
    ),
  );
  if (after > before * WORTHWHILE) return null;
  return workers.map((worker) => ({ workerId: worker.workerId, lanes: lanesOf(worker) }));
}
