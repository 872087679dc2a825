import { z } from 'zod';

/** One BullMQ job: the lane's rounds firstRound .. firstRound+numRounds-1. Ids, ranges and seeds only, no tensors. */
export const shardSchema = z.strictObject({
  runId: z.string(),
  /** The queue generation: a cold start from a checkpoint begins a new one. */
  incarnation: z.int().min(1),
  kind: z.enum(['train', 'evaluate']),
  epoch: z.int().min(0),
  lane: z.int().min(0),
  firstRound: z.int().min(0),
  numRounds: z.int().min(1),
});
export type Shard = z.infer<typeof shardSchema>;
