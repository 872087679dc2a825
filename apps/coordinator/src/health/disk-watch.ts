import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '#telemetry';
import { diskTrouble, writeDurably } from '#files';
import type { LiveRun } from '../runs/live-run.js';
import type { OpenFaults } from './open-faults.js';

export interface DiskWatchOptions {
  readonly dataDirectory: string;
  readonly faults: OpenFaults;
  /** Those whose journals tell of it. */
  readonly unfinishedRuns: () => readonly LiveRun[];
  readonly clock: () => number;
  readonly logger: Logger;
}

const FAULT = 'disk';
/** More than most records have. */
const PROBE = Buffer.alloc(256 * 1024);

/** Tells whom it concerns that the disk of the data folder takes nothing more, and when it does again. */
export class DiskWatch {
  readonly #options: DiskWatchOptions;
  /** Runs whose journals say that it takes nothing. */
  #toldRuns: readonly LiveRun[] = [];

  constructor(options: DiskWatchOptions) {
    this.#options = options;
  }

  /** Looks at what a write has failed with; returns whether it is the whole disk. */
  observe(error: unknown): boolean {
    const { dataDirectory, faults, logger } = this.#options;
    const trouble = diskTrouble(error);
    if (trouble === undefined) return false;
    const message = `the disk of ${dataDirectory} ${trouble}: nothing is lost, what workers report is kept in memory and in Redis and written when there is room`;
    const isOpen = this.#isOpen;
    if (!faults.raise(FAULT, message)) return true;
    logger.error({ event: 'disk-trouble', err: error }, message);
    if (isOpen) return true;
    this.#toldRuns = this.#options.unfinishedRuns();
    this.#tellRuns('warning', message);
    return true;
  }

  /** While it is open: whether a file can be written now. */
  async recheck(): Promise<void> {
    if (!this.#isOpen) return;
    const { dataDirectory, faults, logger } = this.#options;
    const path = join(dataDirectory, `disk-probe.${process.pid}.tmp`);
    try {
      await writeDurably(path, PROBE);
    } catch (error) {
      this.observe(error);
      return;
    } finally {
      await rm(path, { force: true }).catch(() => undefined);
    }
    faults.clear(FAULT);
    const message = 'the disk of the data folder takes writes again';
    logger.info({ event: 'disk-well' }, message);
    this.#tellRuns('info', message);
  }

  get #isOpen(): boolean {
    return this.#options.faults.list().some(({ kind }) => kind === FAULT);
  }

  #tellRuns(level: 'warning' | 'info', message: string): void {
    const at = this.#options.clock();
    for (const run of this.#toldRuns) run.note({ at, level, topic: 'disk', message });
  }
}
