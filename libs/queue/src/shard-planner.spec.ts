import { describe, expect, it } from '@jest/globals';
import { totalRounds, type Shard } from '#contracts';
import { epochSize, planShards, shardJobId, type ShardPlanRequest } from './shard-planner.js';

/** 25 samples, 4 a step: 7 steps and an evaluation per epoch, 16 rounds in all. */
const timeline = {
  kind: 'training',
  numTrainSamples: 25,
  numValidationSamples: 5,
  lanes: 2,
  laneBatchSize: 2,
  epochs: 2,
} as const;
const plan = (changes: Partial<ShardPlanRequest> = {}): Shard[] =>
  planShards({ runId: 'r', timeline, incarnation: 1, startRound: 0, segmentSteps: 3, ...changes });
const spans = (shards: readonly Shard[]): string[] =>
  shards.map(
    ({ kind, epoch, lane, firstRound, numRounds }) => `${kind[0]} e${epoch} l${lane} ${firstRound}+${numRounds}`,
  );

describe('planShards', () => {
  it('cuts an epoch into segments and its evaluation, lane by lane', () => {
    expect(spans(plan({ untilRound: 8 }))).toEqual([
      't e0 l0 0+3',
      't e0 l1 0+3',
      't e0 l0 3+3',
      't e0 l1 3+3',
      't e0 l0 6+1',
      't e0 l1 6+1',
      'e e0 l0 7+1',
      'e e0 l1 7+1',
    ]);
  });

  it('covers every round of every lane exactly once, from any start', () => {
    for (let startRound = 0; startRound <= totalRounds(timeline); startRound += 1) {
      for (let lane = 0; lane < timeline.lanes; lane += 1) {
        const rounds = plan({ startRound })
          .filter((shard) => shard.lane === lane)
          .flatMap(({ firstRound, numRounds }) => Array.from({ length: numRounds }, (_, index) => firstRound + index));
        expect(rounds).toEqual(
          Array.from({ length: totalRounds(timeline) - startRound }, (_, index) => startRound + index),
        );
      }
    }
  });

  it('plans the same shards again from the middle of a segment, so that adding them twice does nothing', () => {
    const ids = plan({ startRound: 1 }).map(shardJobId);
    expect(new Set(ids).size).toBe(ids.length);
    for (let fromRound = 1; fromRound < totalRounds(timeline); fromRound += 1) {
      const again = plan({ startRound: 1, fromRound }).map(shardJobId);
      expect(ids.slice(-again.length)).toEqual(again);
    }
    expect(shardJobId(plan({ startRound: 1, fromRound: 2 })[0] ?? plan()[0] ?? fail())).toBe('r1-l0');
  });

  it('plans nothing past the end', () => {
    expect(plan({ startRound: totalRounds(timeline) })).toEqual([]);
    expect(plan({ untilRound: 1_000_000 })).toHaveLength(plan().length);
  });

  it('counts the shards of an epoch', () => {
    expect(epochSize(timeline, 3)).toEqual({ rounds: 8, shards: plan({ untilRound: 8 }).length });
  });

  it('makes every round of an evaluation a shard of each lane', () => {
    const evaluation = { kind: 'evaluation', numSamples: 9, numRounds: 3, lanes: 2 } as const;
    const rounds = ['e e1 l0 1+1', 'e e1 l1 1+1', 'e e2 l0 2+1', 'e e2 l1 2+1'];
    expect(spans(plan({ timeline: evaluation, startRound: 1 }))).toEqual(rounds);
    expect(epochSize(evaluation)).toEqual({ rounds: 1, shards: 2 });
  });
});

function fail(): never {
  throw new Error('no shard was planned');
}
