import type { WorkerHeartbeat } from '#contracts';

/** A heartbeat is read within two seconds of being written; a Redis that was away adds its time to live. */
const CLOCK_IS_OFF_MS = 10_000;

interface Known {
  heartbeat: WorkerHeartbeat;
  /** Of the coordinator, by the clock that only grows: when it was heard last, and when the worker started. */
  heardAt: number;
  readonly startedAt: number;
  /** How far the worker's clock is ahead of the coordinator's. */
  offsetMs: number;
}

/** The coordinator's clocks: the one on the wall, which may be set, and the one that only grows. */
export interface Now {
  readonly wall: number;
  readonly monotonic: number;
}

/**
 * What workers say about time, by the coordinator's clock. Hosts' clocks differ, so that nothing is decided by what a worker
 * writes: its heartbeat is as old as the coordinator has not heard of it. A clock that is far off is only told.
 */
export class WorkerClocks {
  readonly #known = new Map<string, Known>();

  /** Takes in what Redis holds now. Returns the workers whose clock was not known to be off. */
  observe(heartbeats: readonly WorkerHeartbeat[], now: Now): WorkerHeartbeat[] {
    const news: WorkerHeartbeat[] = [];
    const present = new Set(heartbeats.map(({ workerId }) => workerId));
    for (const workerId of this.#known.keys()) if (!present.has(workerId)) this.#known.delete(workerId);
    for (const heartbeat of heartbeats) {
      const known = this.#known.get(heartbeat.workerId);
      const isSame = known?.heartbeat.pid === heartbeat.pid && known.heartbeat.startedAt === heartbeat.startedAt;
      if (isSame && known.heartbeat.at === heartbeat.at) continue;
      const offsetMs = heartbeat.at - now.wall;
      const wasOff = isSame && isOff(known.offsetMs);
      if (isOff(offsetMs) && !wasOff) news.push(heartbeat);
      // Two readings of one clock: the worker's. A step of it in between would show, so the first pair counts.
      const upForMs = Math.max(0, heartbeat.at - heartbeat.startedAt);
      const startedAt = isSame ? known.startedAt : now.monotonic - upForMs;
      this.#known.set(heartbeat.workerId, { heartbeat, heardAt: now.monotonic, startedAt, offsetMs });
    }
    return news;
  }

  /** A worker as it is shown: times by the coordinator's clock, and how far its own is off where it is far. */
  shown(worker: WorkerHeartbeat, now: Now): WorkerHeartbeat {
    const known = this.#known.get(worker.workerId);
    if (known === undefined) return worker;
    const onTheWall = (monotonic: number): number => Math.round(now.wall - (now.monotonic - monotonic));
    return {
      ...worker,
      at: onTheWall(known.heardAt),
      startedAt: onTheWall(known.startedAt),
      ...(isOff(known.offsetMs) ? { clockOffsetMs: Math.round(known.offsetMs) } : {}),
    };
  }
}

const isOff = (offsetMs: number): boolean => Math.abs(offsetMs) > CLOCK_IS_OFF_MS;
