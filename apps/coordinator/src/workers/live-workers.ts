import { Inject, Injectable } from '@nestjs/common';
import type { WorkerHeartbeat } from '#contracts';
import type { WorkersHeard } from '#queue';
import type { Logger } from '#telemetry';
import { CLOCK, DURATIONS, LOGGER, type Durations } from '../config/settings.js';
import { WorkerClocks, type Now } from './worker-clocks.js';
import { WorkerCrashes } from './worker-crashes.js';
import { WorkerWatch } from './worker-watch.js';

/** The workers that are alive, as of the scheduler's last look at Redis. */
@Injectable()
export class LiveWorkers {
  readonly #watch: WorkerWatch;
  readonly #clocks = new WorkerClocks();
  readonly #clock: () => number;
  readonly #logger: Logger;
  readonly #crashes = new WorkerCrashes();
  #notUnderstood: readonly string[] = [];
  #whyIdle: ReadonlyMap<string, string> = new Map();

  constructor(
    @Inject(DURATIONS) { workerTtlMs }: Durations,
    @Inject(CLOCK) clock: () => number,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#watch = new WorkerWatch(workerTtlMs);
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Takes in what Redis holds now. */
  observe(heard: WorkersHeard): void {
    const now = this.#now();
    for (const { workerId, host, at } of this.#clocks.observe(heard.heartbeats, now)) {
      this.#logger.warn(
        { event: 'worker-clock-off', worker: workerId, host, offsetMs: Math.round(at - now.wall) },
        'the clock of a worker is off; nothing is decided by it, but its own log has other times',
      );
    }
    this.#watch.observe(heard, now.monotonic);
    this.#crashes.observe(this.#watch.alive(), heard.gone, now.monotonic);
    this.#notUnderstood = heard.notUnderstood;
  }

  /** Redis did not answer. */
  lostSight(): void {
    this.#watch.lostSight(performance.now());
  }

  /** By id, as they say themselves. */
  alive(): WorkerHeartbeat[] {
    return this.#watch.alive();
  }

  /** Ids of workers whose heartbeats are none to this coordinator. */
  get notUnderstood(): readonly string[] {
    return this.#notUnderstood;
  }

  /** Workers that ended without a goodbye lately, by the name that restarts share. */
  get crashes(): ReadonlyMap<string, number> {
    return this.#crashes.counts;
  }

  /** Whether a worker that is not among the living is known to be gone. */
  get canJudgeDeaths(): boolean {
    return this.#watch.canJudgeDeaths(performance.now());
  }

  /** Why workers are idle, by id, where a run could make one think they should not be. */
  explainIdle(reasons: ReadonlyMap<string, string>): void {
    this.#whyIdle = reasons;
  }

  /** By id, with times by the coordinator's clock; one that is idle says why. */
  shown(): WorkerHeartbeat[] {
    const now = this.#now();
    return this.#watch.alive().map((worker) => {
      const reasons = [worker.reason, this.#whyIdle.get(worker.workerId)].filter((reason) => reason != null);
      return { ...this.#clocks.shown(worker, now), reason: reasons.length > 0 ? reasons.join('; ') : null };
    });
  }

  #now(): Now {
    return { wall: this.#clock(), monotonic: performance.now() };
  }
}
