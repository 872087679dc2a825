import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { datasetSchema, type DatasetSpec } from '#contracts';
import { removeUnusedDatasets, surveyKey } from '#dataset';
import type { Logger } from '#telemetry';
import { CLOCK, LOGGER } from '../config/settings.js';
import { RunRegistry } from '../runs/run-registry.js';
import { ReconcileLoop } from '../scheduling/reconcile-loop.js';
import { DataFolder } from '../storage/data-folder.js';
import { DatasetRegistry } from './dataset-registry.js';
import { keptDatasetsFolder } from './index-publishing.js';

const PERIOD_MS = 3_600_000;
/** Longer than the holidays of whoever tries a data set before he trains on it. */
const UNUSED_MS = 14 * 24 * 3_600_000;

/**
 * Removes surveys that were kept and that nobody has asked for in two weeks. Those of named data sets and of runs that have a
 * record, whatever their state, stay.
 */
@Injectable()
export class KeptCleaning implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #folder: string;
  readonly #runs: RunRegistry;
  readonly #datasets: DatasetRegistry;
  readonly #clock: () => number;
  readonly #logger: Logger;
  readonly #loop: ReconcileLoop;

  constructor(
    folder: DataFolder,
    runs: RunRegistry,
    datasets: DatasetRegistry,
    @Inject(CLOCK) clock: () => number,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#folder = keptDatasetsFolder(folder.path);
    this.#runs = runs;
    this.#datasets = datasets;
    this.#clock = clock;
    this.#logger = logger;
    this.#loop = new ReconcileLoop(
      () => this.#clean(),
      PERIOD_MS,
      (error) => logger.warn({ event: 'kept-datasets-not-cleaned', error: String(error) }),
    );
  }

  onApplicationBootstrap(): void {
    this.#loop.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.#loop.close();
  }

  async #clean(): Promise<void> {
    const needed = this.#needed();
    const usedBefore = this.#clock() - UNUSED_MS;
    const numRemoved = await removeUnusedDatasets(this.#folder, { usedBefore, isNeeded: (key) => needed.has(key) });
    if (numRemoved > 0) this.#logger.info({ event: 'kept-datasets-removed', numRemoved });
  }

  /** By their survey keys. */
  #needed(): ReadonlySet<string> {
    const runs = [...this.#runs.unfinished(), ...this.#runs.trainings()];
    // Thousands of runs have some data sets.
    const specs = new Set(
      runs.map((run) => JSON.stringify('record' in run ? run.record.spec.dataset : run.spec['dataset'])),
    );
    const ofRuns = [...specs].flatMap((text) => datasetSchema.safeParse(JSON.parse(text)).data ?? []);
    const named = this.#datasets
      .list()
      .flatMap(({ dataset, versions }) => [dataset, ...versions.map((one) => one.dataset)]);
    return new Set([...ofRuns, ...named].map((spec: DatasetSpec) => surveyKey(spec)));
  }
}
