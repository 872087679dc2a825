import { describe, expect, it } from '@jest/globals';
import { initialReplica, MAX_KEPT_ROOTS, type ReplicaEvent, type ReplicaModel } from './replica-model.js';
import { reduceReplica } from './replica-reducer.js';

const LANES = 4;
const NUM_ROUNDS = 12;
const initial = (): ReplicaModel => initialReplica({ workerId: 'a', lanes: LANES, numRounds: NUM_ROUNDS });

describe('the control of a replica', () => {
  it('gives lanes to a newcomer between rounds, never in the middle of one', () => {
    const model = {
      ...initialReplica({ workerId: 'a', lanes: LANES, numRounds: NUM_ROUNDS }),
      phase: 'training' as const,
    };
    const participants = [
      { workerId: 'a', isReady: true, round: 0 },
      { workerId: 'b', isReady: true, round: 0 },
    ];
    const held = [0, 1, 2, 3].map((lane) => ({ leaseId: `r0-l${lane}`, lane, firstRound: 0, endRound: 3 }));
    const middle = reduceReplica(
      { ...model, held, requested: [0, 1, 2, 3] },
      { kind: 'participants-changed', participants },
    );
    expect(middle.effects.filter((effect) => effect.kind === 'release-lease')).toEqual([]);
    const boundary = reduceReplica({ ...model, held }, { kind: 'participants-changed', participants });
    expect(boundary.effects.flatMap((effect) => (effect.kind === 'release-lease' ? [effect.shard.lane] : []))).toEqual([
      3, 2,
    ]);
  });

  it('keeps to the shares it is told, while they are about exactly the workers that are ready', () => {
    const participants = ['a', 'b'].map((workerId) => ({ workerId, isReady: true, round: 0 }));
    const held = [0, 1, 2, 3].map((lane) => ({ leaseId: `r0-l${lane}`, lane, firstRound: 0, endRound: 3 }));
    const model: ReplicaModel = {
      ...initialReplica({ workerId: 'a', lanes: LANES, numRounds: NUM_ROUNDS }),
      phase: 'training',
      participants: [],
      held,
      shares: [
        { workerId: 'a', lanes: 3 },
        { workerId: 'b', lanes: 1 },
      ],
    };
    const released = (event: ReplicaEvent): number[] =>
      reduceReplica(model, event).effects.flatMap((effect) =>
        effect.kind === 'release-lease' ? [effect.shard.lane] : [],
      );
    expect(released({ kind: 'participants-changed', participants })).toEqual([3]);
    expect(
      released({
        kind: 'participants-changed',
        participants: [...participants, { workerId: 'c', isReady: true, round: 0 }],
      }),
    ).toEqual([3, 2]);
    expect(
      released({ kind: 'participants-changed', participants: [{ workerId: 'a', isReady: true, round: 0 }] }),
    ).toEqual([]);
  });

  it('asks for state again when the commits have gone past it', () => {
    const model = {
      ...initialReplica({ workerId: 'a', lanes: LANES, numRounds: NUM_ROUNDS }),
      phase: 'training' as const,
    };
    const one = reduceReplica(model, { kind: 'root-arrived', round: 1 });
    expect(one.effects).toEqual([]);
    const two = reduceReplica(one.model, { kind: 'root-arrived', round: 2 });
    expect(two.model.phase).toBe('syncing');
    expect(two.effects).toEqual([{ kind: 'announce-unready' }, { kind: 'request-state' }]);
    const back = reduceReplica(two.model, { kind: 'state-loaded', round: 2, numRounds: NUM_ROUNDS });
    expect(back.effects).toEqual([
      { kind: 'announce-ready', round: 2 },
      { kind: 'apply-root', round: 2 },
    ]);
  });

  it('asks for state again when it gets no lane for long although others are at work', () => {
    const participants = [
      { workerId: 'a', isReady: true, round: 0 },
      { workerId: 'b', isReady: true, round: 0 },
    ];
    let model: ReplicaModel = {
      ...initialReplica({ workerId: 'a', lanes: LANES, numRounds: NUM_ROUNDS }),
      phase: 'training',
      participants,
    };
    for (let count = 0; count < 100 && model.phase === 'training'; count += 1) {
      model = reduceReplica(model, { kind: 'fetch-ended' }).model;
      model = reduceReplica(model, { kind: 'tick', isReceiving: false }).model;
    }
    expect(model.phase).toBe('syncing');
  });

  it('asks half as often each time that nobody is ahead, for as long as the round lasts', () => {
    const participants = ['a', 'b'].map((workerId) => ({ workerId, isReady: true, round: 0 }));
    let model: ReplicaModel = {
      ...initialReplica({ workerId: 'a', lanes: LANES, numRounds: NUM_ROUNDS, patienceTicks: 4 }),
      phase: 'training',
      hasState: true,
      participants,
      isFetching: true,
    };
    const ticksUntilItAsks = (): number => {
      for (let count = 1; count < 100; count += 1) {
        model = reduceReplica(model, { kind: 'tick', isReceiving: false }).model;
        if (model.phase === 'syncing') return count;
      }
      return Infinity;
    };
    const waits = [0, 1, 2].map(() => {
      const ticks = ticksUntilItAsks();
      model = reduceReplica(model, { kind: 'state-not-newer' }).model;
      return ticks;
    });
    expect(waits).toEqual([4, 8, 16]);
    model = reduceReplica(model, { kind: 'root-arrived', round: 0 }).model;
    model = reduceReplica(model, { kind: 'applied', round: 0, isCheckpointDue: false, numRounds: NUM_ROUNDS }).model;
    expect(ticksUntilItAsks()).toBe(4);
  });

  it('is not idle for want of a lane while rounds are committed', () => {
    const participants = [
      { workerId: 'a', isReady: true, round: 0 },
      { workerId: 'b', isReady: true, round: 0 },
    ];
    let model: ReplicaModel = { ...initial(), phase: 'training', hasState: true, participants };
    for (let round = 0; round < 4; round += 1) {
      for (let count = 0; count < 10; count += 1)
        model = reduceReplica(model, { kind: 'tick', isReceiving: false }).model;
      model = reduceReplica(model, { kind: 'root-arrived', round }).model;
      model = reduceReplica(model, { kind: 'applied', round, isCheckpointDue: false, numRounds: NUM_ROUNDS }).model;
    }
    expect(model).toMatchObject({ phase: 'training', round: 4 });
  });

  it('goes on with its own state where it looked for newer and nobody has any', () => {
    const ready = { workerId: 'b', isReady: true, round: 0 };
    let model: ReplicaModel = { ...initial(), phase: 'training', hasState: true, round: 3, participants: [ready] };
    for (const round of [4, 5]) model = reduceReplica(model, { kind: 'root-arrived', round }).model;
    expect(model.phase).toBe('syncing');
    // The one ahead may only be out of reach.
    model = reduceReplica(model, { kind: 'state-unavailable' }).model;
    expect(model.phase).toBe('syncing');
    model = reduceReplica(model, { kind: 'participants-changed', participants: [] }).model;
    const resumed = reduceReplica(model, { kind: 'state-unavailable' });
    expect(resumed.effects).toContainEqual({ kind: 'announce-ready', round: 3 });
    expect(resumed.model).toMatchObject({ phase: 'training', round: 3 });
    // A server still has the later roots: they do not throw it back again.
    model = resumed.model;
    for (const round of [4, 5]) model = reduceReplica(model, { kind: 'root-arrived', round }).model;
    expect(model.phase).toBe('training');
    // They are applied in their turn: no server sends them twice.
    model = reduceReplica(model, { kind: 'root-arrived', round: 3 }).model;
    for (const round of [3, 4, 5])
      model = reduceReplica(model, { kind: 'applied', round, isCheckpointDue: false, numRounds: NUM_ROUNDS }).model;
    expect(model).toMatchObject({ phase: 'training', round: 6 });
    for (const round of [7, 8]) model = reduceReplica(model, { kind: 'root-arrived', round }).model;
    expect(model.phase).toBe('syncing');
  });

  it('takes state where others are two rounds ahead and the root between does not come, asking first', () => {
    const others = (round: number): ReplicaEvent => ({
      kind: 'participants-changed',
      participants: [
        { workerId: 'a', isReady: true, round: 3 },
        { workerId: 'b', isReady: true, round },
      ],
    });
    const shard = { leaseId: 'r3-l0', lane: 0, firstRound: 3, endRound: 5 };
    const began: ReplicaModel = { ...initial(), phase: 'training', hasState: true, round: 3, held: [shard] };
    const asks: number[] = [];
    const ticked = (model: ReplicaModel, count: number): ReplicaModel => {
      let after = model;
      for (let index = 1; index <= count; index += 1) {
        const { model: next, effects } = reduceReplica(after, { kind: 'tick', isReceiving: false });
        if (effects.some(({ kind }) => kind === 'announce-round')) asks.push(index);
        after = next;
      }
      return after;
    };
    const early = reduceReplica(began, others(5)).model;
    expect(ticked(early, 11).phase).toBe('training');
    expect(ticked(early, 12).phase).toBe('syncing');
    // One round ahead: the root may be on its way, on a slow line.
    asks.length = 0;
    const patient = ticked(reduceReplica(began, others(4)).model, 95);
    expect(patient.phase).toBe('training');
    expect(asks).toEqual([12, 24, 36, 48, 60, 72, 84]);
    expect(reduceReplica(patient, { kind: 'tick', isReceiving: false }).effects).toContainEqual({
      kind: 'request-state',
    });
    expect(reduceReplica(patient, others(5)).effects).toContainEqual({ kind: 'request-state' });
    // Where the round before took long, this one may, too.
    expect(ticked({ ...patient, behind: { ...patient.behind, lastRoundTicks: 50 } }, 100).phase).toBe('training');
  });

  it('does not take older state for its own, and a newcomer waits for some', () => {
    const syncing: ReplicaModel = { ...initial(), hasState: true, round: 3 };
    expect(reduceReplica(syncing, { kind: 'state-not-newer' }).model).toMatchObject({ phase: 'training', round: 3 });
    expect(reduceReplica(initial(), { kind: 'state-unavailable' })).toEqual({ model: initial(), effects: [] });
  });

  it('counts a shard once that a Redis without memory gave it twice, and goes on fetching', () => {
    const shard = { leaseId: 'r0-l0', lane: 0, firstRound: 0, endRound: 3 };
    const participants = [{ workerId: 'a', isReady: true, round: 0 }];
    let model: ReplicaModel = { ...initial(), phase: 'training', hasState: true, participants };
    for (let count = 0; count < LANES; count += 1) model = reduceReplica(model, { kind: 'lease-granted', shard }).model;
    expect(model.held).toEqual([shard]);
    const after = reduceReplica(model, { kind: 'fetch-ended' });
    expect(after.effects).toContainEqual({ kind: 'fetch-lease', rank: 0 });
  });

  it('remembers no more roots than are kept for it', () => {
    let model: ReplicaModel = initial();
    for (let round = 0; round < 100; round += 1) model = reduceReplica(model, { kind: 'root-arrived', round }).model;
    expect(model.roots).toEqual(Array.from({ length: MAX_KEPT_ROOTS }, (_, index) => 100 - MAX_KEPT_ROOTS + index));
  });

  const shardOf = (lane: number) => ({ leaseId: `r0-l${lane}`, lane, firstRound: 0, endRound: 3 });
  const alone: ReplicaModel = {
    ...initial(),
    phase: 'training',
    hasState: true,
    participants: [{ workerId: 'a', isReady: true, round: 0 }],
  };
  /** Lanes asked for by each event, by a replica that has begun to fetch. */
  const askedFor = (events: readonly ReplicaEvent[], from = alone): (readonly number[])[] => {
    let { model } = reduceReplica(from, { kind: 'fetch-ended' });
    return events.map((event) => {
      const { model: next, effects } = reduceReplica(model, event);
      model = next;
      return effects.flatMap((effect) => (effect.kind === 'compute-lanes' ? effect.lanes : []));
    });
  };
  const fetched = (lane: number): ReplicaEvent[] => [
    { kind: 'lease-granted', shard: shardOf(lane) },
    { kind: 'fetch-ended' },
  ];

  it('computes the lanes together that it gets one by one, once it has its share', () => {
    expect(askedFor([2, 0, 3, 1].flatMap(fetched))).toEqual([[], [], [], [], [], [], [0, 1, 2, 3], []]);
  });

  it.each<ReplicaEvent>([{ kind: 'none-waiting' }, { kind: 'tick', isReceiving: false }])(
    'begins with the lanes it has on $kind, and later ones follow',
    (event) => {
      expect(askedFor([...fetched(1), event, ...fetched(0)])).toEqual([[], [], [1], [0], []]);
    },
  );

  it('waits for no lane where it holds some of the round from before', () => {
    const held = [shardOf(1), shardOf(2)];
    const root: ReplicaEvent = { kind: 'root-arrived', round: 0 };
    const applied: ReplicaEvent = { kind: 'applied', round: 0, isCheckpointDue: false, numRounds: NUM_ROUNDS };
    expect(askedFor([root, applied], { ...alone, held })).toEqual([[], [1, 2]]);
  });

  it('pushes nothing of a round that it commits alone, and gives its state as after it', () => {
    const held = [0, 1, 2, 3].map(shardOf);
    const asked = reduceReplica({ ...alone, held }, { kind: 'tick', isReceiving: false }).model;
    const committing = reduceReplica(asked, { kind: 'committing-alone', round: 0 });
    expect(committing).toMatchObject({ model: { isApplying: true, round: 0 }, effects: [] });
    const stays = reduceReplica(committing.model, { kind: 'drain', drain: 'shutdown' });
    expect(reduceReplica(stays.model, { kind: 'drain-timeout' }).effects).toEqual([]);
    const applied: ReplicaEvent = { kind: 'applied', round: 0, isCheckpointDue: true, numRounds: NUM_ROUNDS };
    expect(reduceReplica(committing.model, applied).effects).toEqual([
      { kind: 'checkpoint', round: 1 },
      { kind: 'compute-lanes', round: 1, lanes: [0, 1, 2, 3] },
    ]);
  });
});
