import { roundPosition, stepsPerEpoch, totalRounds, type Shard, type TimelineNumbers } from '#contracts';

export interface ShardPlanRequest {
  readonly runId: string;
  readonly numbers: TimelineNumbers;
  readonly incarnation: number;
  /** First round of the incarnation: its first shards begin here, inside a segment where need be. */
  readonly startRound: number;
  /** Shards of the segments that hold rounds of [fromRound, untilRound) are planned. Default startRound. */
  readonly fromRound?: number;
  /** Default: the end of the run. */
  readonly untilRound?: number;
  /** Steps of one segment. Default 100. */
  readonly segmentSteps?: number;
}

const DEFAULT_SEGMENT_STEPS = 100;

/**
 * Cuts a stretch of a run into shards: segments of an epoch's training rounds, then its evaluation round, and within
 * each one shard per lane. Segments lie on a grid that starts with the epoch, so the shards of a stretch are the same
 * whenever they are planned again, which makes adding them twice harmless.
 */
export function planShards(request: ShardPlanRequest): Shard[] {
  const { numbers, startRound } = request;
  const segmentSteps = request.segmentSteps ?? DEFAULT_SEGMENT_STEPS;
  const until = Math.min(request.untilRound ?? Infinity, totalRounds(numbers));
  const shards: Shard[] = [];
  let round = Math.max(request.fromRound ?? startRound, startRound);
  while (round < until) {
    const segment = segmentOf(numbers, round, segmentSteps);
    const firstRound = Math.max(segment.first, startRound);
    const { kind, epoch } = roundPosition(numbers, firstRound);
    for (let lane = 0; lane < numbers.lanes; lane += 1) {
      shards.push({
        runId: request.runId,
        incarnation: request.incarnation,
        kind,
        epoch,
        lane,
        firstRound,
        numRounds: segment.end - firstRound,
      });
    }
    round = segment.end;
  }
  return shards;
}

/** The [first, end) of the segment that holds a round. */
function segmentOf(numbers: TimelineNumbers, round: number, segmentSteps: number): { first: number; end: number } {
  const { kind, stepInEpoch } = roundPosition(numbers, round);
  if (kind === 'evaluate') return { first: round, end: round + 1 };
  const epochStart = round - stepInEpoch;
  const first = epochStart + Math.floor(stepInEpoch / segmentSteps) * segmentSteps;
  return { first, end: Math.min(first + segmentSteps, epochStart + stepsPerEpoch(numbers)) };
}

/** How many shards an epoch has. */
export function shardsPerEpoch(numbers: TimelineNumbers, segmentSteps: number = DEFAULT_SEGMENT_STEPS): number {
  return numbers.lanes * (Math.ceil(stepsPerEpoch(numbers) / segmentSteps) + 1);
}

/** BullMQ job id of a shard: unique in its queue, the same whenever it is planned. */
export function shardJobId(shard: Shard): string {
  return `r${shard.firstRound}-l${shard.lane}`;
}
