import { z } from 'zod';

/** How much of a data set is in the shard cache of a host, and what a worker asked of it. */
export const shardCacheSchema = z.strictObject({
  /** Files of the data set that are read by way of the cache (parts of them where they are read unpacked). */
  numFiles: z.int().min(0),
  /** Of these, the ones that are in the cache, whichever process fetched them. */
  numFilesHere: z.int().min(0),
  numBytes: z.int().min(0),
  numBytesHere: z.int().min(0),
  /** Bytes that the cache may hold, of all data sets. */
  maxBytes: z.number().min(0),
  /** Reads of samples whose file was in the cache. */
  numHits: z.int().min(0),
  /** Reads of samples that waited for their file. */
  numMisses: z.int().min(0),
  /** Bytes that the worker put into the cache. */
  fetchedBytes: z.int().min(0),
});
export type ShardCacheState = z.infer<typeof shardCacheSchema>;
