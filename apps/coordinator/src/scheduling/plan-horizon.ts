import { numRoundsOf, type Timeline } from '#contracts';
import { epochSize } from '#queue';

/** Shards in Redis at a time: some 2 MB, and added in about two seconds. */
const MAX_SHARDS = 5_000;

/** Until which round shards should be in the queue: the end of the run where that is few enough, else whole epochs. */
export function plannedUntil(timeline: Timeline, roundsDone: number): number {
  const { rounds, shards } = epochSize(timeline);
  const epoch = Math.floor(roundsDone / rounds);
  const epochsAhead = Math.max(2, Math.floor(MAX_SHARDS / shards));
  return Math.min((epoch + epochsAhead) * rounds, numRoundsOf(timeline));
}
