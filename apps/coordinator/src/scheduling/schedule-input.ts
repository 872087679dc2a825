import {
  computesAlike,
  fingerprintUnder,
  type Bits,
  type Precision,
  type LaneShare,
  type RunState,
  type WorkerHeartbeat,
  type WorkerTimes,
} from '#contracts';

/** A run as the scheduler sees it. */
export interface SchedulableRun {
  readonly id: string;
  readonly name: string;
  readonly state: Extract<RunState, 'pending' | 'running' | 'pausing' | 'paused'>;
  readonly incarnation: number;
  /** Its workers were told to leave. */
  readonly isIncarnationOver: boolean;
  readonly lanes: number;
  readonly minWorkers: number;
  readonly maxWorkers: number;
  readonly fingerprint: string | null;
  readonly bits: Bits;
  readonly precision: Precision;
  /** Workers of other fingerprints may join. */
  readonly mixedDevices: boolean;
  readonly assigned: readonly { readonly workerId: string; readonly coldStart: boolean }[];
  /** Rounds beyond its start were committed in this incarnation. */
  readonly hasProgress: boolean;
  /** When it last got further, or was begun, or a worker was last seen to hold its state; as `now`. */
  readonly lastSignAt: number;
  /** How fast its workers were in the last steps. */
  readonly stragglerReport: readonly WorkerTimes[];
  /** How its lanes are shared out; empty: evenly. */
  readonly shares: readonly LaneShare[];
  /** As `now`. */
  readonly pausingSince: number | null;
}

export interface ScheduleInput {
  /** Unfinished runs, oldest first. */
  readonly runs: readonly SchedulableRun[];
  /** Workers alive. */
  readonly workers: readonly WorkerHeartbeat[];
  /** Whether a worker not among the living is known to be gone. */
  readonly canJudgeDeaths: boolean;
  /** Why a worker (see refusalKey) would not serve a run. */
  readonly refusals: ReadonlyMap<string, string>;
  /** Milliseconds that only grow, since the coordinator started. */
  readonly now: number;
}

/** Heartbeats come every second: a state is lost when nobody was seen to hold it for several of them. */
export const STATE_LOST_AFTER_MS = 3_000;

/** A worker's refusal holds for one run and for the life of its process. */
export function refusalKey(worker: WorkerHeartbeat, runId: string): string {
  return `${runId} ${worker.workerId} ${worker.pid} ${worker.startedAt}`;
}

/** A worker's fingerprint when it serves a run. */
export function fingerprintFor(run: Pick<SchedulableRun, 'bits' | 'precision'>, worker: WorkerHeartbeat): string {
  return fingerprintUnder(worker.fingerprint, run);
}

/** Whether a run has begun with other bits than this worker's. */
export function isOther(
  run: Pick<SchedulableRun, 'bits' | 'precision' | 'fingerprint'>,
  worker: WorkerHeartbeat,
): boolean {
  return run.fingerprint !== null && !computesAlike(run.fingerprint, fingerprintFor(run, worker));
}

/** Whether a worker is there only to say why it can serve no run. */
export function isWithoutDevice(worker: WorkerHeartbeat): boolean {
  return worker.status === 'refused' && worker.runId === null;
}

/** Whether a worker's replica has the run's state. */
export function holdsState(
  worker: WorkerHeartbeat | undefined,
  run: Pick<SchedulableRun, 'id' | 'incarnation'>,
): boolean {
  return worker?.status === 'ready' && worker.runId === run.id && worker.incarnation === run.incarnation;
}

/**
 * Whether a worker serves a run that has given it up and that it cannot go on with: nobody has a state for it, or its
 * incarnation is over. It was hung when it was given up, and waits for a word.
 */
export function isStranded(worker: WorkerHeartbeat, run: SchedulableRun, now: number): boolean {
  if (run.state !== 'pending' || worker.runId !== run.id || worker.incarnation !== run.incarnation) return false;
  if (run.isIncarnationOver) return worker.status === 'ready' || worker.status === 'waiting-for-state';
  return worker.status === 'waiting-for-state' && now - run.lastSignAt >= STATE_LOST_AFTER_MS;
}
