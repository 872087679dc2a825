import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DiskWatch } from '../health/disk-watch.js';
import { LoopFaults } from '../health/loop-faults.js';
import { RunRegistry } from '../runs/run-registry.js';
import { ReconcileLoop } from '../scheduling/reconcile-loop.js';
import { DataFolder } from '../storage/data-folder.js';
import { EvaluationWeights } from '../storage/evaluation-weights.js';
import { ReportsCursor } from '../storage/reports-cursor.js';

const PERIOD_MS = 1_000;

/**
 * Puts what was taken in on disk, every second and at the end. The cursor goes there after what it stands for: a crash makes
 * reports come twice, never not at all.
 */
@Injectable()
export class RecordSaving implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #folder: DataFolder;
  readonly #runs: RunRegistry;
  readonly #cursor: ReportsCursor;
  readonly #weights: EvaluationWeights;
  readonly #disk: DiskWatch;
  readonly #faults: LoopFaults;
  readonly #loop: ReconcileLoop;
  #lastFault: unknown;

  constructor(
    folder: DataFolder,
    runs: RunRegistry,
    cursor: ReportsCursor,
    weights: EvaluationWeights,
    disk: DiskWatch,
    faults: LoopFaults,
  ) {
    this.#folder = folder;
    this.#runs = runs;
    this.#cursor = cursor;
    this.#weights = weights;
    this.#disk = disk;
    this.#faults = faults;
    this.#loop = new ReconcileLoop(
      () => this.#save(),
      PERIOD_MS,
      (error) => faults.failed('saving', error),
    );
  }

  /** Why not all was on disk in the end; undefined where it was. Nest goes on with a shutdown in which something fails. */
  get lastFault(): unknown {
    return this.#lastFault;
  }

  onApplicationBootstrap(): void {
    this.#loop.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#loop.close();
    try {
      await this.#runs.close();
      await this.#cursor.save(this.#cursor.taken);
    } catch (error) {
      this.#lastFault = error;
    }
  }

  async #save(): Promise<void> {
    const { taken } = this.#cursor;
    await this.#folder.confirm();
    await this.#runs.sync();
    await this.#disk.recheck();
    await this.#weights.removeAll(
      (id) => this.#runs.isEvaluationOver(id),
      async (id) => (await this.#runs.find(id))?.record,
    );
    await this.#cursor.save(taken);
    this.#faults.worked('saving');
  }
}
