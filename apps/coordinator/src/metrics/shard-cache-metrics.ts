import { Counter, Gauge, type Registry } from 'prom-client';
import type { ShardCacheState, WorkerHeartbeat } from '#contracts';

const LABELS = ['run', 'worker', 'host'] as const;

const GAUGES = [
  ['skiplane_worker_cached_files', 'Files of the data set that are in the shard cache of the host', 'numFilesHere'],
  ['skiplane_worker_files', 'Files of the data set that are read by way of the shard cache', 'numFiles'],
  ['skiplane_worker_cached_bytes', 'Bytes of the data set that are in the shard cache of the host', 'numBytesHere'],
  ['skiplane_worker_files_bytes', 'Bytes of the data set that are read by way of the shard cache', 'numBytes'],
] as const;

/** How far the shard caches of runs are filled, and what is asked of them, by worker. */
export function addShardCacheMetrics(registry: Registry, workers: () => readonly WorkerHeartbeat[]): void {
  const registers = [registry];
  const fetching = (): readonly { readonly labels: Labels; readonly cache: ShardCacheState }[] =>
    workers().flatMap(({ runId, workerId, host, shardCache }) =>
      runId === null || shardCache === undefined
        ? []
        : [{ labels: { run: runId, worker: workerId, host }, cache: shardCache }],
    );
  for (const [name, help, field] of GAUGES) {
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames: LABELS,
      registers,
      collect() {
        gauge.reset();
        for (const { labels, cache } of fetching()) gauge.set(labels, cache[field]);
      },
    });
  }
  const reads: Counter = new Counter({
    name: 'skiplane_worker_cache_reads_total',
    help: 'Samples read by way of the shard cache since the worker took up the run; a miss waited for its file',
    labelNames: [...LABELS, 'result'],
    registers,
    collect() {
      reads.reset();
      for (const { labels, cache } of fetching()) {
        reads.inc({ ...labels, result: 'hit' }, cache.numHits);
        reads.inc({ ...labels, result: 'miss' }, cache.numMisses);
      }
    },
  });
  const fetched: Counter = new Counter({
    name: 'skiplane_worker_cache_fetched_bytes_total',
    help: 'Bytes that the worker put into the shard cache since it took up the run',
    labelNames: LABELS,
    registers,
    collect() {
      fetched.reset();
      for (const { labels, cache } of fetching()) fetched.inc(labels, cache.fetchedBytes);
    },
  });
}

type Labels = Readonly<Record<(typeof LABELS)[number], string>>;
