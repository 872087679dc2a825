import { describe, expect, it } from '@jest/globals';
import { randomStream } from '#contracts';
import { maximalSubtrees } from '#parameter-server';
import { initialReplica } from './replica-model.js';
import { EPOCHS, LANES, NUM_ROUNDS, World } from './testing/replica-world.js';

/** Of an epoch of the world. */
const EPOCH_ROUNDS = NUM_ROUNDS / EPOCHS;
const ALL_ROUNDS = Array.from({ length: NUM_ROUNDS }, (_, round) => round);

/** A newcomer that was given the last state says that it is ready. */
const announced = (log: World['log']): string[] =>
  log.flatMap(({ effect }) => (effect.kind === 'announce-ready' ? [effect.kind] : []));

describe('replicas of one run', () => {
  it('one worker computes all lanes together, and pushes the root of the tree or commits without one', () => {
    const world = new World(1);
    world.add('a', 0);
    world.runUntil(() => world.isFinished);
    expect(world.committed).toEqual(ALL_ROUNDS);
    const asked = world.log.flatMap(({ effect }) => (effect.kind === 'compute-lanes' ? [effect.lanes] : []));
    expect(asked).toEqual(ALL_ROUNDS.map(() => [0, 1, 2, 3]));
    expect(world.committedAlone).not.toEqual([]);
    for (const round of ALL_ROUNDS) {
      const nodes = world.log.flatMap(({ effect }) =>
        effect.kind === 'push-node' && effect.round === round ? [effect.node] : [],
      );
      const isAlone = world.committedAlone.includes(round);
      expect(nodes).toEqual(isAlone ? [] : maximalSubtrees(LANES, [0, 1, 2, 3]));
    }
  });

  it('stop together after the round that says so, whoever comes and dies', () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const world = new World(seed, EPOCH_ROUNDS);
      const random = randomStream(seed, 3);
      world.add('a', 0);
      world.add('b', 0);
      const changeAt = random.nextInt(EPOCH_ROUNDS + 1);
      let isChanged = false;
      world.runUntil(() => {
        if (!isChanged && world.committed.length >= changeAt) {
          isChanged = true;
          world.replicas.set('c', initialReplica({ workerId: 'c', lanes: LANES, numRounds: NUM_ROUNDS }));
          world.perform('c', { kind: 'request-state' });
          world.kill(random.nextInt(2) === 0 ? 'a' : 'b');
        }
        if (world.replicas.get('c')?.phase === 'syncing' && !world.inbox.some((mail) => mail.to === 'c')) {
          world.perform('c', { kind: 'request-state' });
        }
        return isChanged && world.isFinished && world.log.some(({ effect }) => effect.kind === 'finish');
      });
      // Nobody begins another round, however long they wait.
      for (let count = 0; count < 200; count += 1) world.step();
      expect({ seed, committed: world.committed }).toEqual({ seed, committed: ALL_ROUNDS.slice(0, EPOCH_ROUNDS) });
      const later = world.log.filter(({ effect }) => 'round' in effect && effect.round >= EPOCH_ROUNDS);
      expect(new Set(later.map(({ effect }) => effect.kind))).toEqual(new Set(['finish', ...announced(later)]));
    }
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
          world.replicas.set('c', initialReplica({ workerId: 'c', lanes: LANES, numRounds: NUM_ROUNDS }));
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
            { workerId: 'b', lanes: LANES - lanes },
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
    world.runUntil(() => world.replicas.get('a')?.requested.length === LANES);
    world.deliver('a', { kind: 'drain', drain: 'shutdown' });
    const begun = world.replicas.get('a')?.round;
    world.runUntil(() => !world.replicas.has('a'));
    expect(world.committed).toContain(begun);
    expect(world.leases.size).toBe(0);
    expect(world.log.at(-1)?.effect).toMatchObject({ kind: 'leave', isLeader: true });
  });

  it('writes a checkpoint every few steps and the end of the run as leader only', () => {
    const world = new World(5);
    world.add('a', 0);
    world.add('b', 0);
    world.runUntil(() => world.isFinished && world.inbox.length === 0);
    world.step();
    const leader = world.participants[0]?.workerId;
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
