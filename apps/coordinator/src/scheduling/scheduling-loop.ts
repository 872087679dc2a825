import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DURATIONS, type Durations } from '../config/settings.js';
import { LoopFaults } from '../health/loop-faults.js';
import { RedisLink } from '../redis/redis-link.js';
import { DataFolder } from '../storage/data-folder.js';
import { Publisher } from './publisher.js';
import { ReconcileLoop } from './reconcile-loop.js';
import { Scheduler } from './scheduler.js';

/** Has the scheduler look at runs and workers every second, and at once when there is news. */
@Injectable()
export class SchedulingLoop implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #folder: DataFolder;
  readonly #redis: RedisLink;
  readonly #scheduler: Scheduler;
  readonly #publisher: Publisher;
  readonly #faults: LoopFaults;
  readonly #loop: ReconcileLoop;

  constructor(
    folder: DataFolder,
    redis: RedisLink,
    scheduler: Scheduler,
    publisher: Publisher,
    faults: LoopFaults,
    @Inject(DURATIONS) { tickMs }: Durations,
  ) {
    this.#folder = folder;
    this.#redis = redis;
    this.#scheduler = scheduler;
    this.#publisher = publisher;
    this.#faults = faults;
    this.#loop = new ReconcileLoop(
      () => this.#look(),
      tickMs,
      (error) => faults.failed('scheduling', error),
    );
  }

  /** Look at runs and workers now rather than within the second. */
  nudge(): void {
    this.#loop.wake();
  }

  onApplicationBootstrap(): void {
    this.#loop.start();
    this.#redis.onReady(() => {
      this.#publisher.forget();
      this.nudge();
    });
    this.#redis.onNudge(() => this.nudge());
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.#loop.close();
  }

  /** Only who has both the data folder and Redis to itself tells workers what to do. */
  async #look(): Promise<void> {
    await this.#folder.confirm();
    await this.#redis.holdLease();
    await this.#scheduler.tick();
    this.#faults.worked('scheduling');
  }
}
