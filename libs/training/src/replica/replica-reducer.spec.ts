import { describe, expect, it } from '@jest/globals';
import { randomStream, totalRounds, type TimelineNumbers } from '#contracts';
import { laneTree, maximalSubtrees } from '#parameter-server';
import {
  initialReplica,
  MAX_KEPT_ROOTS,
  type HeldShard,
  type ReplicaEffect,
  type ReplicaEvent,
  type ReplicaModel,
} from './replica-model.js';
import { reduceReplica } from './replica-reducer.js';
import type { ReplicaMember } from './fair-share.js';

const NUMBERS: TimelineNumbers = {
  numTrainSamples: 100,
  numValidationSamples: 20,
  lanes: 4,
  laneBatchSize: 5,
  epochs: 2,
};

/**
 * A small world in one process: replicas as pure models, a summation service that remembers which lanes of a round were
 * pushed, a queue of shards, and a scheduler that picks the next delivery at random. Every failure is found by its seed.
 */
class World {
  readonly queue: HeldShard[] = [];
  readonly leases = new Map<string, string>();
  readonly replicas = new Map<string, ReplicaModel>();
  readonly inbox: { readonly to: string; readonly event: ReplicaEvent }[] = [];
  readonly pushes = new Map<number, Set<number>>();
  readonly committed: number[] = [];
  readonly log: { readonly workerId: string; readonly effect: ReplicaEffect }[] = [];
  members: ReplicaMember[] = [];
  readonly #random;

  constructor(seed: number) {
    this.#random = randomStream(seed);
    const steps = 5;
    for (let epoch = 0; epoch < NUMBERS.epochs; epoch += 1) {
      const base = epoch * (steps + 1);
      for (const [firstRound, endRound] of [
        [base, base + 3],
        [base + 3, base + steps],
        [base + steps, base + steps + 1],
      ] as const) {
        for (let lane = 0; lane < NUMBERS.lanes; lane += 1) {
          this.queue.push({ leaseId: `r${firstRound}-l${lane}`, lane, firstRound, endRound });
        }
      }
    }
  }

  add(workerId: string, round: number): void {
    this.replicas.set(workerId, initialReplica({ workerId, numbers: NUMBERS, checkpointEverySteps: 3 }));
    this.inbox.push({ to: workerId, event: { kind: 'state-loaded', round } });
  }

  /** The queue hands out earlier rounds first, whatever the order in which shards came back. */
  putBack(shard: HeldShard): void {
    this.queue.unshift(shard);
    this.queue.sort((a, b) => a.firstRound - b.firstRound);
  }

  kill(workerId: string): void {
    this.replicas.delete(workerId);
    this.setMembers(this.members.filter((member) => member.workerId !== workerId));
  }

  setMembers(members: ReplicaMember[]): void {
    this.members = members;
    for (const to of this.replicas.keys()) this.inbox.push({ to, event: { kind: 'members-changed', members } });
  }

  /** Delivers one event, or a tick when nothing is on its way. Events to one replica keep their order. */
  step(): void {
    const receivers = [...new Set(this.inbox.map((mail) => mail.to))];
    const to = receivers[this.#random.nextInt(receivers.length)];
    const index = this.inbox.findIndex((mail) => mail.to === to);
    const [mail] = index < 0 ? [] : this.inbox.splice(index, 1);
    if (mail) this.deliver(mail.to, mail.event);
    else for (const workerId of this.replicas.keys()) this.deliver(workerId, { kind: 'tick' });
  }

  deliver(workerId: string, event: ReplicaEvent): void {
    const model = this.replicas.get(workerId);
    if (!model) return;
    const result = reduceReplica(model, event);
    this.replicas.set(workerId, result.model);
    for (const effect of result.effects) {
      this.log.push({ workerId, effect });
      this.perform(workerId, effect);
    }
  }

  perform(workerId: string, effect: ReplicaEffect): void {
    const tell = (event: ReplicaEvent): void => void this.inbox.push({ to: workerId, event });
    switch (effect.kind) {
      case 'announce-unready':
        this.setMembers(
          this.members.map((one) => (one.workerId === workerId ? { workerId, isReady: false, round: null } : one)),
        );
        return;
      case 'announce-ready':
        this.setMembers([
          ...this.members.filter((member) => member.workerId !== workerId),
          { workerId, isReady: true, round: effect.round },
        ]);
        // The server sends the roots it still has: one may have gone out before the newcomer joined.
        for (const round of this.committed.slice(-4)) if (round >= effect.round) tell({ kind: 'root-arrived', round });
        return;
      case 'fetch-lease': {
        const shard = this.queue.shift();
        if (shard) {
          this.leases.set(shard.leaseId, workerId);
          tell({ kind: 'lease-granted', shard });
        }
        tell({ kind: 'fetch-ended' });
        return;
      }
      case 'release-lease':
        this.leases.delete(effect.shard.leaseId);
        this.putBack(effect.shard);
        return;
      case 'complete-lease':
        this.leases.delete(effect.shard.leaseId);
        return;
      case 'reclaim-leases':
        for (const [leaseId, holder] of this.leases) {
          if (holder !== effect.workerId) continue;
          this.leases.delete(leaseId);
          this.putBack(shardOf(leaseId));
        }
        return;
      case 'compute-lane':
        tell({ kind: 'lane-computed', round: effect.round, lane: effect.lane });
        return;
      case 'push-node':
        this.push(workerId, effect.round, effect.node);
        return;
      case 'apply-root':
        tell({ kind: 'applied', round: effect.round });
        return;
      case 'request-state': {
        const donor = [...this.replicas.values()].find(
          (model) => model.phase === 'training' && model.workerId !== workerId,
        );
        if (donor) tell({ kind: 'state-loaded', round: donor.isApplying ? donor.round + 1 : donor.round });
        return;
      }
      case 'announce-round':
      case 'hand-in':
      case 'checkpoint':
      case 'finish':
        return;
      case 'leave':
        this.replicas.delete(workerId);
        this.setMembers(this.members.filter((member) => member.workerId !== workerId));
        return;
    }
  }

  push(from: string, round: number, node: { readonly lo: number; readonly hi: number }): void {
    expect(laneTree(NUMBERS.lanes).contains(node)).toBe(true);
    // A late push is answered with the root that is there already.
    if (this.committed.includes(round))
      return void this.inbox.push({ to: from, event: { kind: 'root-arrived', round } });
    const lanes = this.pushes.get(round) ?? new Set<number>();
    this.pushes.set(round, lanes);
    for (let lane = node.lo; lane < node.hi; lane += 1) lanes.add(lane);
    if (lanes.size < NUMBERS.lanes) return;
    this.committed.push(round);
    for (const to of this.replicas.keys()) this.inbox.push({ to, event: { kind: 'root-arrived', round } });
  }

  runUntil(isDone: () => boolean): void {
    for (let count = 0; count < 20_000; count += 1) {
      if (isDone()) return;
      this.step();
    }
    throw new Error(`stuck at rounds ${[...this.replicas.values()].map((model) => model.round).join(', ')}`);
  }

  get isFinished(): boolean {
    return [...this.replicas.values()].every((model) => model.round === totalRounds(NUMBERS));
  }
}

const initial = (): ReplicaModel => initialReplica({ workerId: 'a', numbers: NUMBERS, checkpointEverySteps: 3 });

function shardOf(leaseId: string): HeldShard {
  const [, first = '0', lane = '0'] = /^r(\d+)-l(\d+)$/.exec(leaseId) ?? [];
  const firstRound = Number(first);
  const length = { 0: 3, 3: 2, 5: 1 }[firstRound % 6] ?? 1;
  return { leaseId, lane: Number(lane), firstRound, endRound: firstRound + length };
}

const ALL_ROUNDS = Array.from({ length: totalRounds(NUMBERS) }, (_, round) => round);

describe('the control of a replica', () => {
  it('one worker drives all lanes and pushes the root of the tree alone', () => {
    const world = new World(1);
    world.add('a', 0);
    world.runUntil(() => world.isFinished);
    expect(world.committed).toEqual(ALL_ROUNDS);
    const nodes = world.log.flatMap(({ effect }) =>
      effect.kind === 'push-node' && effect.round === 7 ? [effect.node] : [],
    );
    expect(nodes).toEqual(maximalSubtrees(NUMBERS.lanes, [0, 1, 2, 3]));
  });

  it('commits every round once, in order, whoever comes and dies', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const world = new World(seed);
      const random = randomStream(seed, 2);
      world.add('a', 0);
      world.add('b', 0);
      const killAt = random.nextInt(6);
      const joinAt = random.nextInt(9);
      let isKilled = false;
      let isJoined = false;
      world.runUntil(() => {
        if (!isKilled && world.committed.length >= killAt && world.replicas.size > 1) {
          isKilled = true;
          world.kill(random.nextInt(2) === 0 ? 'a' : 'b');
        }
        if (!isJoined && world.committed.length >= joinAt) {
          isJoined = true;
          world.replicas.set('c', initialReplica({ workerId: 'c', numbers: NUMBERS, checkpointEverySteps: 3 }));
          world.perform('c', { kind: 'request-state' });
        }
        if (world.replicas.get('c')?.phase === 'syncing' && !world.inbox.some((mail) => mail.to === 'c')) {
          world.perform('c', { kind: 'request-state' });
        }
        return isKilled && isJoined && world.isFinished;
      });
      expect({ seed, committed: world.committed }).toEqual({ seed, committed: ALL_ROUNDS });
    }
  });

  it('gives lanes to a newcomer between rounds, never in the middle of one', () => {
    const world = new World(3);
    world.add('a', 0);
    world.runUntil(() => world.committed.length === 1);
    world.add('b', world.replicas.get('a')?.round ?? 0);
    world.runUntil(() => world.isFinished);
    const model = {
      ...initialReplica({ workerId: 'a', numbers: NUMBERS, checkpointEverySteps: 3 }),
      phase: 'training' as const,
    };
    const members = [
      { workerId: 'a', isReady: true, round: 0 },
      { workerId: 'b', isReady: true, round: 0 },
    ];
    const held = [0, 1, 2, 3].map((lane) => ({ leaseId: `r0-l${lane}`, lane, firstRound: 0, endRound: 3 }));
    const middle = reduceReplica({ ...model, held, requested: [0, 1, 2, 3] }, { kind: 'members-changed', members });
    expect(middle.effects.filter((effect) => effect.kind === 'release-lease')).toEqual([]);
    const boundary = reduceReplica({ ...model, held }, { kind: 'members-changed', members });
    expect(boundary.effects.flatMap((effect) => (effect.kind === 'release-lease' ? [effect.shard.lane] : []))).toEqual([
      3, 2,
    ]);
  });

  it('keeps to the shares it is told, while they are about exactly the workers that are ready', () => {
    const members = ['a', 'b'].map((workerId) => ({ workerId, isReady: true, round: 0 }));
    const held = [0, 1, 2, 3].map((lane) => ({ leaseId: `r0-l${lane}`, lane, firstRound: 0, endRound: 3 }));
    const model: ReplicaModel = {
      ...initialReplica({ workerId: 'a', numbers: NUMBERS, checkpointEverySteps: 3 }),
      phase: 'training',
      members: [],
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
    expect(released({ kind: 'members-changed', members })).toEqual([3]);
    expect(
      released({ kind: 'members-changed', members: [...members, { workerId: 'c', isReady: true, round: 0 }] }),
    ).toEqual([3, 2]);
    expect(released({ kind: 'members-changed', members: [{ workerId: 'a', isReady: true, round: 0 }] })).toEqual([]);
  });

  it('moves lanes by shares that arrive at different times, and commits every round once', () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const world = new World(seed);
      const random = randomStream(seed, 3);
      world.add('a', 0);
      world.add('b', 0);
      const told = new Map(['a', 'b'].map((workerId) => [workerId, random.nextInt(60)]));
      const sharesAt = (count: number): number => 1 + (Math.floor(count / 12) % 3);
      let steps = 0;
      world.runUntil(() => {
        steps += 1;
        for (const [workerId, at] of told) {
          if (steps % 60 !== at) continue;
          const lanes = sharesAt(steps / 5);
          const shares = [
            { workerId: 'a', lanes },
            { workerId: 'b', lanes: NUMBERS.lanes - lanes },
          ];
          world.deliver(workerId, { kind: 'shares-changed', shares });
        }
        return world.isFinished;
      });
      expect({ seed, committed: world.committed }).toEqual({ seed, committed: ALL_ROUNDS });
    }
  });

  it('a leaving worker ends the round it has begun, then hands back and leaves', () => {
    const world = new World(4);
    world.add('a', 0);
    world.runUntil(() => world.replicas.get('a')?.requested.length === NUMBERS.lanes);
    world.deliver('a', { kind: 'drain', drain: 'shutdown' });
    const begun = world.replicas.get('a')?.round;
    world.runUntil(() => !world.replicas.has('a'));
    expect(world.committed).toContain(begun);
    expect(world.leases.size).toBe(0);
    expect(world.log.at(-1)?.effect).toMatchObject({ kind: 'leave', isLeader: true });
  });

  it('asks for state again when the commits have gone past it', () => {
    const model = {
      ...initialReplica({ workerId: 'a', numbers: NUMBERS, checkpointEverySteps: 3 }),
      phase: 'training' as const,
    };
    const one = reduceReplica(model, { kind: 'root-arrived', round: 1 });
    expect(one.effects).toEqual([]);
    const two = reduceReplica(one.model, { kind: 'root-arrived', round: 2 });
    expect(two.model.phase).toBe('syncing');
    expect(two.effects).toEqual([{ kind: 'announce-unready' }, { kind: 'request-state' }]);
    const back = reduceReplica(two.model, { kind: 'state-loaded', round: 2 });
    expect(back.effects).toEqual([
      { kind: 'announce-ready', round: 2 },
      { kind: 'apply-root', round: 2 },
    ]);
  });

  it('asks for state again when it gets no lane for long although others are at work', () => {
    const members = [
      { workerId: 'a', isReady: true, round: 0 },
      { workerId: 'b', isReady: true, round: 0 },
    ];
    let model: ReplicaModel = {
      ...initialReplica({ workerId: 'a', numbers: NUMBERS, checkpointEverySteps: 3 }),
      phase: 'training',
      members,
    };
    for (let count = 0; count < 100 && model.phase === 'training'; count += 1) {
      model = reduceReplica(model, { kind: 'fetch-ended' }).model;
      model = reduceReplica(model, { kind: 'tick' }).model;
    }
    expect(model.phase).toBe('syncing');
  });

  it('asks half as often each time that nobody is ahead, for as long as the round lasts', () => {
    const members = ['a', 'b'].map((workerId) => ({ workerId, isReady: true, round: 0 }));
    let model: ReplicaModel = {
      ...initialReplica({ workerId: 'a', numbers: NUMBERS, checkpointEverySteps: 3, leastIdleTicks: 4 }),
      phase: 'training',
      hasState: true,
      members,
      isFetching: true,
    };
    const ticksUntilItAsks = (): number => {
      for (let count = 1; count < 100; count += 1) {
        model = reduceReplica(model, { kind: 'tick' }).model;
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
    model = reduceReplica(model, { kind: 'applied', round: 0 }).model;
    expect(ticksUntilItAsks()).toBe(4);
  });

  it('is not idle for want of a lane while rounds are committed', () => {
    const members = [
      { workerId: 'a', isReady: true, round: 0 },
      { workerId: 'b', isReady: true, round: 0 },
    ];
    let model: ReplicaModel = { ...initial(), phase: 'training', hasState: true, members };
    for (let round = 0; round < 4; round += 1) {
      for (let count = 0; count < 10; count += 1) model = reduceReplica(model, { kind: 'tick' }).model;
      model = reduceReplica(model, { kind: 'root-arrived', round }).model;
      model = reduceReplica(model, { kind: 'applied', round }).model;
    }
    expect(model).toMatchObject({ phase: 'training', round: 4 });
  });

  it('goes on with its own state where it looked for newer and nobody has any', () => {
    const ready = { workerId: 'b', isReady: true, round: 0 };
    let model: ReplicaModel = { ...initial(), phase: 'training', hasState: true, round: 3, members: [ready] };
    for (const round of [4, 5]) model = reduceReplica(model, { kind: 'root-arrived', round }).model;
    expect(model.phase).toBe('syncing');
    // The one ahead may only be out of reach.
    model = reduceReplica(model, { kind: 'state-unavailable' }).model;
    expect(model.phase).toBe('syncing');
    model = reduceReplica(model, { kind: 'members-changed', members: [] }).model;
    const resumed = reduceReplica(model, { kind: 'state-unavailable' });
    expect(resumed.effects).toContainEqual({ kind: 'announce-ready', round: 3 });
    expect(resumed.model).toMatchObject({ phase: 'training', round: 3 });
    // A server still has the later roots: they do not throw it back again.
    model = resumed.model;
    for (const round of [4, 5]) model = reduceReplica(model, { kind: 'root-arrived', round }).model;
    expect(model.phase).toBe('training');
    // They are applied in their turn: no server sends them twice.
    model = reduceReplica(model, { kind: 'root-arrived', round: 3 }).model;
    for (const round of [3, 4, 5]) model = reduceReplica(model, { kind: 'applied', round }).model;
    expect(model).toMatchObject({ phase: 'training', round: 6 });
    for (const round of [7, 8]) model = reduceReplica(model, { kind: 'root-arrived', round }).model;
    expect(model.phase).toBe('syncing');
  });

  it('takes state where others are two rounds ahead and the root between does not come, asking first', () => {
    const others = (round: number): ReplicaEvent => ({
      kind: 'members-changed',
      members: [
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
        const { model: next, effects } = reduceReplica(after, { kind: 'tick' });
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
    expect(reduceReplica(patient, { kind: 'tick' }).effects).toContainEqual({ kind: 'request-state' });
    expect(reduceReplica(patient, others(5)).effects).toContainEqual({ kind: 'request-state' });
    // Where the round before took long, this one may, too.
    expect(ticked({ ...patient, lastRoundTicks: 50 }, 100).phase).toBe('training');
  });

  it('does not take older state for its own, and a newcomer waits for some', () => {
    const syncing: ReplicaModel = { ...initial(), hasState: true, round: 3 };
    expect(reduceReplica(syncing, { kind: 'state-not-newer' }).model).toMatchObject({ phase: 'training', round: 3 });
    expect(reduceReplica(initial(), { kind: 'state-unavailable' })).toEqual({ model: initial(), effects: [] });
  });

  it('counts a shard once that a Redis without memory gave it twice, and goes on fetching', () => {
    const shard = { leaseId: 'r0-l0', lane: 0, firstRound: 0, endRound: 3 };
    const members = [{ workerId: 'a', isReady: true, round: 0 }];
    let model: ReplicaModel = { ...initial(), phase: 'training', hasState: true, members };
    for (let count = 0; count < NUMBERS.lanes; count += 1)
      model = reduceReplica(model, { kind: 'lease-granted', shard }).model;
    expect(model.held).toEqual([shard]);
    const after = reduceReplica(model, { kind: 'fetch-ended' });
    expect(after.effects).toContainEqual({ kind: 'fetch-lease', rank: 0 });
  });

  it('remembers no more roots than are kept for it', () => {
    let model: ReplicaModel = initial();
    for (let round = 0; round < 100; round += 1) model = reduceReplica(model, { kind: 'root-arrived', round }).model;
    expect(model.roots).toEqual(Array.from({ length: MAX_KEPT_ROOTS }, (_, index) => 100 - MAX_KEPT_ROOTS + index));
  });

  it('writes a checkpoint every few steps and the end of the run as leader only', () => {
    const world = new World(5);
    world.add('a', 0);
    world.add('b', 0);
    world.runUntil(() => world.isFinished && world.inbox.length === 0);
    world.step();
    const leader = world.members[0]?.workerId;
    const writes = world.log.filter(({ effect }) => effect.kind === 'checkpoint' || effect.kind === 'finish');
    expect(new Set(writes.map(({ workerId }) => workerId))).toEqual(new Set([leader]));
    expect(writes.map(({ effect }) => effect)).toEqual([
      { kind: 'checkpoint', round: 3 },
      { kind: 'checkpoint', round: 7 },
      { kind: 'checkpoint', round: 10 },
      { kind: 'finish', round: 12 },
    ]);
  });
});
