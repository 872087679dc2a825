import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from '#telemetry';
import { ReconcileLoop } from '../scheduling/reconcile-loop.js';
import type { FaultObserver } from './fault-observer.js';
import { FAULT_KINDS } from './fault-kinds.js';
import type { OpenFaults } from './open-faults.js';

export interface FaultWatchParts {
  readonly faults: OpenFaults;
  readonly observers: readonly FaultObserver[];
  readonly logger: Logger;
  /** Between two looks. */
  readonly periodMs: number;
}

/** Has all observers look from time to time, and opens and closes what they find. */
export class FaultWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #parts: FaultWatchParts;
  readonly #loop: ReconcileLoop;
  #ticks = 0;

  constructor(parts: FaultWatchParts) {
    this.#parts = parts;
    this.#loop = new ReconcileLoop(
      () => this.look(),
      parts.periodMs,
      (error) => parts.logger.error({ event: 'fault-watch-failed', err: error }),
    );
  }

  onApplicationBootstrap(): void {
    this.#loop.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.#loop.close();
  }

  /** One look of all whose turn it is; one that fails keeps no other from its turn. */
  async look(): Promise<void> {
    const { observers } = this.#parts;
    const due = observers.filter(({ everyTicks = 1 }) => this.#ticks % everyTicks === 0);
    this.#ticks += 1;
    await Promise.all(due.map((observer) => this.#observe(observer)));
  }

  async #observe(observer: FaultObserver): Promise<void> {
    const { faults, logger } = this.#parts;
    try {
      for (const { kind, subject, message } of faults.settle(observer.kinds, await observer.look())) {
        logger[FAULT_KINDS[kind].severity === 'error' ? 'error' : 'warn']({ event: 'fault', kind, subject }, message);
      }
    } catch (error) {
      // What was open stays open: nothing is known of it now.
      logger.debug({ event: 'fault-look-failed', kinds: observer.kinds, err: error });
    }
  }
}
