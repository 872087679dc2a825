import { WORKER_TTL_MS } from '#queue';
import { type WorkerHeartbeat } from '#contracts';
import type { WorkersHeard } from '#queue';

interface Seen {
  heartbeat: WorkerHeartbeat;
  /** When it last changed, by the coordinator's clock that only grows. */
  changedAt: number;
  isGone: boolean;
}

/**
 * Who is alive, by the coordinator's own clock, the one that only grows: a worker is gone when its heartbeat has not changed for its time to
 * live. A heartbeat that is merely absent (Redis was emptied) or that could not be read (Redis was away, the
 * coordinator has just started) proves nothing before that time is up.
 */
export class WorkerWatch {
  readonly #ttlMs: number;
  readonly #seen = new Map<string, Seen>();
  #readingSince: number | undefined;

  constructor(ttlMs: number = WORKER_TTL_MS) {
    this.#ttlMs = ttlMs;
  }

  /** Takes in what Redis holds now. */
  observe({ heartbeats, gone }: WorkersHeard, now: number): void {
    this.#readingSince ??= now;
    const present = new Set(heartbeats.map(({ workerId }) => workerId));
    for (const heartbeat of heartbeats) {
      const held = this.#seen.get(heartbeat.workerId)?.heartbeat;
      // The last word of a dead worker may outlive it in Redis: only a new one counts.
      if (held?.at === heartbeat.at && held.pid === heartbeat.pid) continue;
      this.#seen.set(heartbeat.workerId, { heartbeat, changedAt: now, isGone: false });
    }
    for (const [workerId, held] of this.#seen) {
      const isPresent = present.has(workerId);
      held.isGone ||= gone.has(workerId) || (this.canJudgeDeaths(now) && now - held.changedAt >= this.#ttlMs);
      if (held.isGone && !isPresent) this.#seen.delete(workerId);
    }
  }

  /** Redis did not answer: silence counts from the next answer on. */
  lostSight(now: number): void {
    this.#readingSince = undefined;
    for (const held of this.#seen.values()) held.changedAt = now;
  }

  /** Whether a worker that is not among the living is known to be gone. */
  canJudgeDeaths(now: number): boolean {
    return this.#readingSince !== undefined && now - this.#readingSince >= this.#ttlMs;
  }

  /** By id. */
  alive(): WorkerHeartbeat[] {
    return [...this.#seen.values()]
      .filter(({ isGone }) => !isGone)
      .map(({ heartbeat }) => heartbeat)
      .sort((a, b) => (a.workerId < b.workerId ? -1 : 1));
  }
}
