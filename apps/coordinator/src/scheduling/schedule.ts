import { freeWorkers, placeWorkers } from './place-workers.js';
import type { LaneShare } from '#contracts';
import {
  holdsState,
  refusalKey,
  STATE_LOST_AFTER_MS,
  type ScheduleInput,
  type SchedulableRun,
} from './schedule-input.js';
import { shareLanes } from './share-lanes.js';

export type Decision = { readonly runId: string } & (
  | {
      readonly kind: 'start';
      readonly workers: readonly string[];
      readonly fingerprint: string;
      readonly why: 'first' | 'resumed' | 'state-lost';
    }
  | { readonly kind: 'change-workers'; readonly joined: readonly string[]; readonly left: readonly string[] }
  | { readonly kind: 'share-lanes'; readonly shares: readonly LaneShare[] }
  | { readonly kind: 'take-over'; readonly workers: readonly string[] }
  | { readonly kind: 'starve'; readonly reason: string }
  | { readonly kind: 'wait'; readonly reason: string }
  | { readonly kind: 'pause-without-word' }
);

export interface Schedule {
  readonly decisions: readonly Decision[];
  /** Why a worker alive is idle, where a run could make one think it should not be. */
  readonly workerReasons: ReadonlyMap<string, string>;
}

/** The word of a pause that Redis lost is not waited for any longer than this. */
const PAUSE_WORD_MS = 5_000;

/**
 * Who serves which run. First in, first out: the oldest run takes as many free workers as it can use, the next one
 * what is left; a run that cannot start keeps the workers it could use from younger ones. Workers are never taken from
 * a run that trains. Pure: the same input gives the same answer.
 */
export function schedule(input: ScheduleInput): Schedule {
  const decisions: Decision[] = [];
  const alive = new Map(input.workers.map((worker) => [worker.workerId, worker]));
  const pool = freeWorkers(input);
  const workerReasons = new Map<string, string>();

  for (const run of input.runs) {
    const decision = decide(run);
    if (decision !== undefined) decisions.push(decision);
  }
  for (const worker of pool.left()) {
    const reason = pool.whyIdle(worker);
    if (reason !== undefined) workerReasons.set(worker.workerId, reason);
  }
  return { decisions, workerReasons };

  function decide(run: SchedulableRun): Decision | undefined {
    switch (run.state) {
      case 'paused':
        return undefined;
      case 'pausing':
        return isWithoutWord(run) ? { runId: run.id, kind: 'pause-without-word' } : undefined;
      case 'pending': {
        const holders = strays(run);
        if (holders.length > 0 && !run.isIncarnationOver) return { runId: run.id, kind: 'take-over', workers: holders };
        const placed = placeWorkers(run, pool, input);
        if ('reason' in placed) return { runId: run.id, kind: 'wait', reason: placed.reason };
        return { runId: run.id, kind: 'start', ...placed, why: run.incarnation === 0 ? 'first' : 'resumed' };
      }
      case 'running':
        return decideRunning(run);
    }
  }

  function decideRunning(run: SchedulableRun): Decision | undefined {
    const serving = run.assigned.filter(({ workerId }) => {
      const worker = alive.get(workerId);
      if (worker === undefined) return !input.canJudgeDeaths;
      return !input.refusals.has(refusalKey(worker, run.id));
    });
    const left = run.assigned.filter((one) => !serving.includes(one)).map(({ workerId }) => workerId);
    if (serving.length === 0) {
      const placed = placeWorkers(run, pool, input);
      if ('reason' in placed) return { runId: run.id, kind: 'starve', reason: placed.reason };
      return { runId: run.id, kind: 'start', ...placed, why: 'state-lost' };
    }
    const staying = serving.filter(({ workerId }) => alive.get(workerId)?.status !== 'leaving');
    const returned = strays(run);
    const room = Math.min(run.maxWorkers, run.lanes) - staying.length - returned.length;
    const joined = [...returned, ...pool.take(run, room)];
    if (isStateLost(run, serving)) {
      const workers = [...staying.map(({ workerId }) => workerId).filter((id) => alive.has(id)), ...joined];
      if (workers.length > 0 && run.fingerprint !== null) {
        return { runId: run.id, kind: 'start', workers, fingerprint: run.fingerprint, why: 'state-lost' };
      }
    }
    if (joined.length + left.length > 0) return { runId: run.id, kind: 'change-workers', joined, left };
    return decideShares(run);
  }

  /** Where everybody is at work, with the lanes last given out. */
  function decideShares(run: SchedulableRun): Decision | undefined {
    const { stragglerReport, assigned } = run;
    const numDriven = stragglerReport.reduce((sum, { lanes }) => sum + lanes, 0);
    const isAsShared = run.shares.every((share) =>
      stragglerReport.some(({ workerId, lanes }) => workerId === share.workerId && lanes === share.lanes),
    );
    const isAll = stragglerReport.length === assigned.length && numDriven === run.lanes;
    const shares = isAll && isAsShared ? shareLanes(stragglerReport) : null;
    return shares === null ? undefined : { runId: run.id, kind: 'share-lanes', shares };
  }

  /** Workers that were thought to be gone, or whose assignment was lost, and that have trained on. */
  function strays(run: SchedulableRun): string[] {
    const assigned = new Set(run.assigned.map(({ workerId }) => workerId));
    return input.workers
      .filter((worker) => holdsState(worker, run) && !assigned.has(worker.workerId))
      .map(({ workerId }) => workerId);
  }

  /** Nobody holds the run's state, and nobody was told to make it. */
  function isStateLost(run: SchedulableRun, serving: SchedulableRun['assigned']): boolean {
    if (!input.canJudgeDeaths || input.now - run.lastSignAt < STATE_LOST_AFTER_MS) return false;
    const holds = ({ workerId }: { workerId: string }): boolean => holdsState(alive.get(workerId), run);
    if (serving.some(holds)) return false;
    // One that waits was told to make the state and saw a peer that had it; that peer is gone.
    const makes = ({ workerId, coldStart }: SchedulableRun['assigned'][number]): boolean =>
      coldStart && alive.get(workerId)?.status !== 'waiting-for-state';
    return run.hasProgress || !serving.some(makes);
  }

  function isWithoutWord(run: SchedulableRun): boolean {
    const waited = input.now - (run.pausingSince ?? input.now);
    const isServed = input.workers.some((worker) => worker.runId === run.id);
    return input.canJudgeDeaths && !isServed && waited >= PAUSE_WORD_MS;
  }
}
