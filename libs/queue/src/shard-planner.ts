import { numRoundsOf, roundPosition, stepsPerEpoch, type Shard, type Timeline } from '#contracts';

export interface ShardPlanRequest {
  readonly runId: string;
  readonly timeline: Timeline;
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

/** Rounds [first, end) that are one shard for each lane. */
interface Segment extends Pick<Shard, 'kind' | 'epoch'> {
  readonly first: number;
  readonly end: number;
}

/**
 * Cuts a stretch of rounds into segments and each of those into one shard per lane. Segments lie on a grid that starts
 * with the epoch, so the shards of a stretch are the same whenever they are planned again, which makes adding them twice
 * harmless.
 */
export function planShards(request: ShardPlanRequest): Shard[] {
  const { runId, incarnation, timeline, startRound } = request;
  const segmentSteps = request.segmentSteps ?? DEFAULT_SEGMENT_STEPS;
  const until = Math.min(request.untilRound ?? Infinity, numRoundsOf(timeline));
  const shards: Shard[] = [];
  let round = Math.max(request.fromRound ?? startRound, startRound);
  while (round < until) {
    const { first, end, kind, epoch } = segmentOf(timeline, round, segmentSteps);
    const firstRound = Math.max(first, startRound);
    for (let lane = 0; lane < timeline.lanes; lane += 1) {
      shards.push({ runId, incarnation, kind, epoch, lane, firstRound, numRounds: end - firstRound });
    }
    round = end;
  }
  return shards;
}

/** The segment that holds a round: some steps of an epoch, or one evaluation. */
function segmentOf(timeline: Timeline, round: number, segmentSteps: number): Segment {
  if (timeline.kind === 'evaluation') return { kind: 'evaluate', epoch: round, first: round, end: round + 1 };
  const { kind, epoch, stepInEpoch } = roundPosition(timeline, round);
  if (kind === 'evaluate') return { kind, epoch, first: round, end: round + 1 };
  const epochStart = round - stepInEpoch;
  const first = epochStart + Math.floor(stepInEpoch / segmentSteps) * segmentSteps;
  return { kind, epoch, first, end: Math.min(first + segmentSteps, epochStart + stepsPerEpoch(timeline)) };
}

/** How many rounds an epoch has, and how many shards those are; each round of an evaluation is an epoch of its own. */
export function epochSize(
  timeline: Timeline,
  segmentSteps: number = DEFAULT_SEGMENT_STEPS,
): { readonly rounds: number; readonly shards: number } {
  const { lanes } = timeline;
  if (timeline.kind === 'evaluation') return { rounds: 1, shards: lanes };
  const steps = stepsPerEpoch(timeline);
  return { rounds: steps + 1, shards: lanes * (Math.ceil(steps / segmentSteps) + 1) };
}

/** BullMQ job id of a shard: unique in its queue, the same whenever it is planned. */
export function shardJobId(shard: Shard): string {
  return `r${shard.firstRound}-l${shard.lane}`;
}
