import { describe, expect, it } from '@jest/globals';
import type { ShardCacheState } from '#contracts';
import { heartbeat } from '#contracts/testing';
import { shardCachesOf } from './shard-caches.js';

const cache = (changes: Partial<ShardCacheState>): ShardCacheState => ({
  numFiles: 147,
  numFilesHere: 12,
  numBytes: 22e9,
  numBytesHere: 3e9,
  maxBytes: 100e9,
  numHits: 10,
  numMisses: 1,
  fetchedBytes: 5,
  ...changes,
});

describe('the shard caches of a run', () => {
  it('are one a host: what was seen last, and what all its workers asked', () => {
    const caches = shardCachesOf([
      heartbeat({ host: 'a', shardCache: cache({}) }),
      heartbeat({ host: 'a', shardCache: cache({ numFilesHere: 14, numHits: 5 }) }),
      heartbeat({ host: 'b', shardCache: cache({ numFilesHere: 3 }) }),
      heartbeat({ host: 'c' }),
    ]);
    expect(caches).toEqual([
      { host: 'a', ...cache({ numFilesHere: 14, numHits: 15, numMisses: 2, fetchedBytes: 10 }) },
      { host: 'b', ...cache({ numFilesHere: 3 }) },
    ]);
  });
});
