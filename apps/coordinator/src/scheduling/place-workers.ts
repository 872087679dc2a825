import type { WorkerHeartbeat } from '#contracts';
import {
  fingerprintFor,
  isOther,
  isStranded,
  isWithoutDevice,
  refusalKey,
  type ScheduleInput,
  type SchedulableRun,
} from './schedule-input.js';

/** Begins the part of a reason that names the run in front. */
export const QUEUED_BEHIND = 'queued behind';

/** The workers nobody has been given yet; runs take from it in their order. */
export interface WorkerPool {
  /**
   * Workers a run could use now, those of the most common fingerprint where it has none yet; where it may mix devices
   * the others, too, after them.
   */
  usableBy(run: SchedulableRun): WorkerHeartbeat[];
  /** Takes up to `count` of them and returns their ids. */
  take(run: SchedulableRun, count: number): string[];
  /** Keeps them from younger runs. */
  reserve(workers: readonly WorkerHeartbeat[], run: SchedulableRun): void;
  /** The run that workers are kept for, if any are. */
  reservedFor(): SchedulableRun | undefined;
  /** The oldest run that has workers, other than this one. */
  busyWith(run: SchedulableRun): SchedulableRun | undefined;
  left(): WorkerHeartbeat[];
  whyIdle(worker: WorkerHeartbeat): string | undefined;
}

/** Workers that no run has and that are idle, or stranded with a run: those only this run can use. */
export function freeWorkers(input: ScheduleInput): WorkerPool {
  const byId = new Map(input.runs.map((run) => [run.id, run]));
  const busy = input.runs.filter(({ assigned }) => assigned.length > 0);
  const taken = new Set(busy.flatMap((run) => run.assigned.map(({ workerId }) => workerId)));
  const isFree = (worker: WorkerHeartbeat): boolean => {
    if (worker.status === 'idle') return true;
    const run = worker.runId === null ? undefined : byId.get(worker.runId);
    return run !== undefined && isStranded(worker, run, input.now);
  };
  let free = input.workers.filter((worker) => isFree(worker) && !taken.has(worker.workerId));
  const reserved = new Map<string, SchedulableRun>();

  const usableBy = (run: SchedulableRun): WorkerHeartbeat[] => {
    const open = free.filter(
      (worker) =>
        (worker.status === 'idle' || worker.runId === run.id) &&
        !reserved.has(worker.workerId) &&
        !input.refusals.has(refusalKey(worker, run.id)),
    );
    const begun = { ...run, fingerprint: run.fingerprint ?? mostCommonFingerprint(run, open) };
    const same = open.filter((worker) => !isOther(begun, worker));
    return run.mixedDevices ? [...same, ...open.filter((worker) => !same.includes(worker))] : same;
  };
  return {
    usableBy,
    take: (run, count) => {
      const given = usableBy(run).slice(0, Math.max(0, count));
      free = free.filter((worker) => !given.includes(worker));
      return given.map(({ workerId }) => workerId);
    },
    reserve: (workers, run) => {
      for (const { workerId } of workers) reserved.set(workerId, run);
    },
    reservedFor: () => reserved.values().next().value,
    busyWith: (run) => busy.find(({ id }) => id !== run.id),
    left: () => free,
    whyIdle: (worker) => whyIdle(worker, input, reserved.get(worker.workerId)),
  };
}

/** Workers for a run that has none, or the reason why it has to wait. */
export function placeWorkers(
  run: SchedulableRun,
  pool: WorkerPool,
  input: ScheduleInput,
): { readonly workers: readonly string[]; readonly fingerprint: string } | { readonly reason: string } {
  const usable = pool.usableBy(run);
  const [first] = usable;
  const fingerprint = run.fingerprint ?? (first && fingerprintFor(run, first));
  if (fingerprint === undefined || usable.length < run.minWorkers) {
    const reason = whyWaiting(run, usable.length, pool, input);
    pool.reserve(usable, run);
    return { reason };
  }
  return { workers: pool.take(run, Math.min(run.maxWorkers, run.lanes)), fingerprint };
}

function whyWaiting(run: SchedulableRun, numFree: number, pool: WorkerPool, input: ScheduleInput): string {
  if (input.workers.length === 0) return 'no worker is alive';
  const refused = input.workers.flatMap((worker) => {
    const why = input.refusals.get(refusalKey(worker, run.id));
    return why === undefined ? [] : [`worker ${worker.workerId} refused it: ${why}`];
  });
  if (refused.length === input.workers.length) return refused.join('; ');
  const ahead = pool.reservedFor();
  if (ahead !== undefined && numFree === 0) return `${QUEUED_BEHIND} ${ahead.name} (${ahead.id})`;
  const busyWith = pool.busyWith(run);
  const able = input.workers.filter((worker) => !isWithoutDevice(worker));
  const others = able.filter((worker) => isOther(run, worker) && !run.mixedDevices);
  const details = [
    ...(others.length > 0 ? [`${others.length} alive compute with another fingerprint than ${run.fingerprint}`] : []),
    ...refused,
    ...input.workers
      .filter(isWithoutDevice)
      .map(({ workerId, reason }) => `worker ${workerId} has no device: ${reason ?? 'it gives no reason'}`),
    ...(busyWith !== undefined && numFree === 0 ? [`${QUEUED_BEHIND} ${busyWith.name} (${busyWith.id})`] : []),
  ];
  const noun = run.minWorkers === 1 ? 'worker' : 'workers';
  return [`waits for ${run.minWorkers} ${noun}, ${numFree} free`, ...details].join('; ');
}

function whyIdle(
  worker: WorkerHeartbeat,
  input: ScheduleInput,
  keptFor: SchedulableRun | undefined,
): string | undefined {
  if (keptFor !== undefined) return `kept for run ${keptFor.id}, which needs ${keptFor.minWorkers} workers`;
  const run = input.runs.find((one) => one.state === 'running' || one.state === 'pending');
  if (run === undefined) return undefined;
  const refused = input.refusals.get(refusalKey(worker, run.id));
  if (refused !== undefined) return `refused run ${run.id}: ${refused}`;
  if (isOther(run, worker) && !run.mixedDevices) {
    return `run ${run.id} computes with fingerprint ${run.fingerprint}; other bits would come from ${fingerprintFor(run, worker)}`;
  }
  const most = Math.min(run.maxWorkers, run.lanes);
  return `run ${run.id} has the ${most} it can use`;
}

function mostCommonFingerprint(run: SchedulableRun, workers: readonly WorkerHeartbeat[]): string | null {
  const counts = new Map<string, number>();
  for (const worker of workers) {
    const fingerprint = fingerprintFor(run, worker);
    counts.set(fingerprint, (counts.get(fingerprint) ?? 0) + 1);
  }
  return [...counts].sort((left, right) => right[1] - left[1])[0]?.[0] ?? null;
}
