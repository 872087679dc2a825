import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { diskTrouble, writeDurably } from '#files';
import type { Logger } from '#telemetry';
import { LOGGER } from '../config/settings.js';
import type { LiveRun } from '../runs/live-run.js';
import { RunRegistry } from '../runs/run-registry.js';
import { DataFolder } from '../storage/data-folder.js';
import { OpenFaults } from './open-faults.js';

const FAULT = 'disk';
/** More than most records have. */
const PROBE = Buffer.alloc(256 * 1024);

/** Tells whom it concerns that the disk of the data folder takes nothing more, and when it does again. */
@Injectable()
export class DiskWatch {
  readonly #path: string;
  readonly #runs: RunRegistry;
  readonly #faults: OpenFaults;
  readonly #logger: Logger;
  /** Runs whose journals say that it takes nothing. */
  #toldRuns: readonly LiveRun[] = [];

  constructor(folder: DataFolder, runs: RunRegistry, faults: OpenFaults, @Inject(LOGGER) logger: Logger) {
    this.#path = folder.path;
    this.#runs = runs;
    this.#faults = faults;
    this.#logger = logger;
  }

  /** Looks at what a write has failed with; returns whether it is the whole disk. */
  observe(error: unknown): boolean {
    const trouble = diskTrouble(error);
    if (trouble === undefined) return false;
    const message = `the disk of ${this.#path} ${trouble}: nothing is lost, what workers report is kept in memory and in Redis and written when there is room`;
    const isOpen = this.#isOpen;
    if (!this.#faults.raise({ kind: FAULT, message })) return true;
    this.#logger.error({ event: 'disk-trouble', err: error }, message);
    if (isOpen) return true;
    this.#toldRuns = this.#runs.unfinished();
    this.#tellRuns('warning', message);
    return true;
  }

  /** While it is open: whether a file can be written now. */
  async recheck(): Promise<void> {
    if (!this.#isOpen) return;
    const path = join(this.#path, `disk-probe.${process.pid}.tmp`);
    try {
      await writeDurably(path, PROBE);
    } catch (error) {
      this.observe(error);
      return;
    } finally {
      await rm(path, { force: true }).catch(() => undefined);
    }
    this.#faults.clear(FAULT);
    const message = 'the disk of the data folder takes writes again';
    this.#logger.info({ event: 'disk-well' }, message);
    this.#tellRuns('info', message);
  }

  get #isOpen(): boolean {
    return this.#faults.list().some(({ kind }) => kind === FAULT);
  }

  #tellRuns(level: 'warning' | 'info', message: string): void {
    for (const run of this.#toldRuns) run.note({ level, topic: 'disk', message });
  }
}
