import { expect, it } from '@jest/globals';
import { heartbeat } from '#contracts/testing';
import { createMetricsRegistry } from '#telemetry';
import { addShardCacheMetrics } from './shard-cache-metrics.js';

it('metrics of shard caches are of the workers that fetch', async () => {
  const shardCache = {
    numFiles: 147,
    numFilesHere: 12,
    numBytes: 22e9,
    numBytesHere: 3e9,
    maxBytes: 1e11,
    numHits: 99,
    numMisses: 1,
    fetchedBytes: 5e6,
  };
  const registry = createMetricsRegistry();
  const workers = [heartbeat({ runId: 'r', shardCache }), heartbeat({ workerId: 'w2', runId: 'r' })];
  addShardCacheMetrics(registry, () => workers);
  for (let scrapes = 0; scrapes < 2; scrapes += 1) {
    const lines = (await registry.metrics()).split('\n').filter((line) => line.startsWith('skiplane_worker'));
    expect(lines).toEqual([
      'skiplane_worker_cached_files{run="r",worker="w1",host="test"} 12',
      'skiplane_worker_files{run="r",worker="w1",host="test"} 147',
      'skiplane_worker_cached_bytes{run="r",worker="w1",host="test"} 3000000000',
      'skiplane_worker_files_bytes{run="r",worker="w1",host="test"} 22000000000',
      'skiplane_worker_cache_reads_total{run="r",worker="w1",host="test",result="hit"} 99',
      'skiplane_worker_cache_reads_total{run="r",worker="w1",host="test",result="miss"} 1',
      'skiplane_worker_cache_fetched_bytes_total{run="r",worker="w1",host="test"} 5000000',
    ]);
  }
});
