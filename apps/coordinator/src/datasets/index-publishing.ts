import { join } from 'node:path';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { findIndexFile, indexKey, readShared } from '#dataset';
import { IndexBoard } from '#queue';
import type { Logger } from '#telemetry';
import { DURATIONS, LOGGER, type Durations } from '../config/settings.js';
import { RedisLink } from '../redis/redis-link.js';
import { RunRegistry } from '../runs/run-registry.js';
import { ReconcileLoop } from '../scheduling/reconcile-loop.js';
import { DataFolder } from '../storage/data-folder.js';

/** What Redis holds lives for ten minutes. */
const RENEW_MS = 60_000;

/** Where a coordinator keeps data sets that were looked at. */
export function keptDatasetsFolder(dataDirectory: string): string {
  return join(dataDirectory, 'datasets');
}

/**
 * Sees that Redis holds the index of the data set of each run that is served, so that workers need not look at the data set
 * themselves. Where it fails they do.
 */
@Injectable()
export class IndexPublishing implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #folder: string;
  readonly #runs: RunRegistry;
  readonly #board: IndexBoard;
  readonly #redis: RedisLink;
  readonly #logger: Logger;
  readonly #loop: ReconcileLoop;
  /** When each was renewed. */
  readonly #held = new Map<string, number>();

  constructor(
    folder: DataFolder,
    runs: RunRegistry,
    redis: RedisLink,
    @Inject(DURATIONS) { tickMs }: Durations,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#folder = keptDatasetsFolder(folder.path);
    this.#runs = runs;
    this.#redis = redis;
    this.#board = new IndexBoard(redis.commands);
    this.#logger = logger;
    this.#loop = new ReconcileLoop(
      () => this.#look(),
      tickMs,
      (error) => logger.debug({ event: 'index-not-published', error: String(error) }),
    );
  }

  /** Look now: a run has come. */
  nudge(): void {
    this.#loop.wake();
  }

  onApplicationBootstrap(): void {
    this.#loop.start();
    this.#redis.onReady(() => {
      this.#held.clear();
      this.nudge();
    });
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.#loop.close();
  }

  async #look(): Promise<void> {
    const wanted = new Map(
      this.#runs.unfinished().map(({ record: { spec, dataset } }) => {
        return [indexKey(spec.dataset, dataset.digest), { spec: spec.dataset, digest: dataset.digest }] as const;
      }),
    );
    for (const key of this.#held.keys()) if (!wanted.has(key)) this.#held.delete(key);
    for (const [key, { spec, digest }] of wanted) {
      if (performance.now() - (this.#held.get(key) ?? Number.NEGATIVE_INFINITY) < RENEW_MS) continue;
      if (!(await this.#board.hold(key))) await this.#publish(key, await findIndexFile(this.#folder, spec, digest));
      this.#held.set(key, performance.now());
    }
  }

  async #publish(key: string, path: string | null): Promise<void> {
    const index = path === null ? null : await readShared(path);
    const startedAt = performance.now();
    await this.#board.write(key, index);
    const tookMs = Math.round(performance.now() - startedAt);
    this.#logger.info({ event: 'index-published', key, sizeBytes: index?.length ?? 0, tookMs });
  }
}
