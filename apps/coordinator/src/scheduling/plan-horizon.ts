import { totalRounds, type TimelineNumbers } from '#contracts';
import { shardsPerEpoch } from '#queue';

/** Shards in Redis at a time: some 2 MB, and added in about two seconds. */
const MAX_SHARDS = 5_000;

/** Until which round shards should be in the queue: the end of the run where that is few enough, else whole epochs. */
export function plannedUntil(numbers: TimelineNumbers, roundsDone: number): number {
  const roundsPerEpoch = totalRounds(numbers) / numbers.epochs;
  const epoch = Math.floor(roundsDone / roundsPerEpoch);
  const epochsAhead = Math.max(2, Math.floor(MAX_SHARDS / shardsPerEpoch(numbers)));
  return Math.min(epoch + epochsAhead, numbers.epochs) * roundsPerEpoch;
}
