import type { WorkerHeartbeat } from '#contracts';
import type { LiveRun } from '../runs/live-run.js';
import { shardCachesOf } from '../runs/shard-caches.js';

/** Tells who follows a run that a shard cache of it has filled, also while no step is committed. */
export class CacheNews {
  readonly #told = new Map<string, string>();

  observe(run: LiveRun, workers: readonly WorkerHeartbeat[]): void {
    const { id, incarnation } = run.record;
    const serving = workers.filter((worker) => worker.runId === id && worker.incarnation === incarnation);
    const caches = shardCachesOf(serving);
    if (caches.length === 0) {
      this.#told.delete(id);
      return;
    }
    const news = JSON.stringify(caches);
    if (this.#told.get(id) === news) return;
    this.#told.set(id, news);
    run.feed.touch();
  }
}
