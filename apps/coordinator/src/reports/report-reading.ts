import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { ReportReader } from '#queue';
import type { Logger } from '#telemetry';
import { LOGGER } from '../config/settings.js';
import { LoopFaults } from '../health/loop-faults.js';
import { RedisLink } from '../redis/redis-link.js';
import { RunRegistry } from '../runs/run-registry.js';
import { DataFolder } from '../storage/data-folder.js';
import { ReportsCursor } from '../storage/reports-cursor.js';
import { ReportIntake } from './report-intake.js';

/** As much may wait in memory for room on the disk; more stays in Redis. */
const MOST_UNSAVED = 64 * 2 ** 20;

/** Reads the stream of reports from where the cursor stands. */
@Injectable()
export class ReportReading implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #reader: ReportReader;
  #numTaken = 0;

  constructor(
    redis: RedisLink,
    folder: DataFolder,
    cursor: ReportsCursor,
    runs: RunRegistry,
    intake: ReportIntake,
    faults: LoopFaults,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#reader = new ReportReader({
      redis: redis.reports,
      afterId: cursor.taken,
      savedId: () => cursor.saved,
      logger,
      onBatch: () => folder.confirm(),
      onReport: async (report, id) => {
        if (runs.unsaved > MOST_UNSAVED) throw new Error('too much waits to be written');
        await intake.take(report);
        this.#numTaken += 1;
        cursor.take(id);
      },
      onRead: () => faults.worked('reports'),
      onFailure: (error) => faults.failed('reports', error),
    });
  }

  /** Reports taken in since the start. */
  get numTaken(): number {
    return this.#numTaken;
  }

  onApplicationBootstrap(): void {
    this.#reader.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.#reader.close();
  }
}
