import { WORKER_TTL_MS, type WorkerHeartbeat } from '#contracts';

/**
 * Who is alive, by the coordinator's own clock: a worker is gone when its heartbeat has not changed for its time to
 * live. A heartbeat that is merely absent (Redis was emptied) or that could not be read (Redis was away, the
 * coordinator has just started) proves nothing before that time is up.
 */
export class WorkerWatch {
  private readonly seen = new Map<string, { heartbeat: WorkerHeartbeat; changedAt: number }>();
  private readingSince: number | undefined;

  constructor(private readonly ttlMs: number = WORKER_TTL_MS) {}

  /**
   * Takes in what Redis holds now. `keptSince`: since when Redis has kept what was written about a worker; a heartbeat
   * seen later and absent now was taken away by the worker itself, not lost with all else.
   */
  observe(
    heartbeats: readonly WorkerHeartbeat[],
    now: number,
    keptSince?: (workerId: string) => number | undefined,
  ): void {
    const present = new Set(heartbeats.map(({ workerId }) => workerId));
    this.readingSince ??= now;
    for (const heartbeat of heartbeats) {
      const held = this.seen.get(heartbeat.workerId);
      if (held?.heartbeat.at === heartbeat.at && held.heartbeat.pid === heartbeat.pid) continue;
      this.seen.set(heartbeat.workerId, { heartbeat, changedAt: now });
    }
    for (const [workerId, { changedAt }] of this.seen) {
      const hasSaidGoodbye = !present.has(workerId) && (keptSince?.(workerId) ?? Infinity) < changedAt;
      if (hasSaidGoodbye || this.isGone(changedAt, now)) this.seen.delete(workerId);
    }
  }

  /** Redis did not answer: silence counts from the next answer on. */
  lostSight(now: number): void {
    this.readingSince = undefined;
    for (const held of this.seen.values()) held.changedAt = now;
  }

  /** Whether a worker that is not among the living is known to be gone. */
  canJudgeDeaths(now: number): boolean {
    return this.readingSince !== undefined && now - this.readingSince >= this.ttlMs;
  }

  /** By id. */
  alive(): WorkerHeartbeat[] {
    return [...this.seen.values()].map(({ heartbeat }) => heartbeat).sort((a, b) => (a.workerId < b.workerId ? -1 : 1));
  }

  private isGone(changedAt: number, now: number): boolean {
    return now - changedAt >= this.ttlMs && this.canJudgeDeaths(now);
  }
}
