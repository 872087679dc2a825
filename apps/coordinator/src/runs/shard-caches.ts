import type { RunView, WorkerHeartbeat } from '#contracts';

type HostCache = RunView['shardCaches'][number];

/** The shard caches of the hosts of a run's workers. Processes of a host share its cache; what they ask of it adds up. */
export function shardCachesOf(workers: readonly WorkerHeartbeat[]): HostCache[] {
  const byHost = new Map<string, HostCache>();
  for (const { host, shardCache } of workers) {
    if (shardCache === undefined) continue;
    const other = byHost.get(host);
    if (other === undefined) {
      byHost.set(host, { host, ...shardCache });
      continue;
    }
    // Each looks every few seconds; whoever has seen more has looked later, unless something was evicted.
    const fuller = other.numFilesHere > shardCache.numFilesHere ? other : shardCache;
    byHost.set(host, {
      ...fuller,
      host,
      numHits: other.numHits + shardCache.numHits,
      numMisses: other.numMisses + shardCache.numMisses,
      fetchedBytes: other.fetchedBytes + shardCache.fetchedBytes,
    });
  }
  return [...byHost.values()];
}
