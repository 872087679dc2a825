import { randomStream } from '#contracts';
import { laneTree, maximalSubtrees, type LaneNode } from '#parameter-server';
import type { ReplicaParticipant } from '../fair-share.js';
import {
  initialReplica,
  type HeldShard,
  type ReplicaEffect,
  type ReplicaEvent,
  type ReplicaModel,
} from '../replica-model.js';
import { reduceReplica } from '../replica-reducer.js';

/** Two epochs of five steps and an evaluation each. */
export const EPOCHS = 2;
const STEPS = 5;
export const LANES = 4;
export const NUM_ROUNDS = EPOCHS * (STEPS + 1);
/** Rounds whose state is to be saved: every third step. */
const CHECKPOINTS = [2, 6, 9];

/**
 * A small world in one process: replicas as pure models, a summation service that remembers which lanes of a round were
 * pushed, a queue of shards, and a scheduler that picks the next delivery at random. Every failure is found by its seed.
 */
export class World {
  readonly queue: HeldShard[] = [];
  readonly leases = new Map<string, string>();
  readonly replicas = new Map<string, ReplicaModel>();
  readonly inbox: { readonly to: string; readonly event: ReplicaEvent }[] = [];
  readonly pushes = new Map<number, Set<number>>();
  readonly committed: number[] = [];
  /** Rounds that the only participant committed without a root. */
  readonly committedAlone: number[] = [];
  readonly log: { readonly workerId: string; readonly effect: ReplicaEffect }[] = [];
  participants: ReplicaParticipant[] = [];
  readonly #random;

  /** `stopsAt`: rounds of a run that stops early; only the state after the last of them says so. */
  constructor(
    seed: number,
    readonly stopsAt = NUM_ROUNDS,
  ) {
    this.#random = randomStream(seed);
    for (let epoch = 0; epoch < EPOCHS; epoch += 1) {
      const base = epoch * (STEPS + 1);
      for (const [firstRound, endRound] of [
        [base, base + 3],
        [base + 3, base + STEPS],
        [base + STEPS, base + STEPS + 1],
      ] as const) {
        for (let lane = 0; lane < LANES; lane += 1) {
          this.queue.push({ leaseId: `r${firstRound}-l${lane}`, lane, firstRound, endRound });
        }
      }
    }
  }

  add(workerId: string, round: number): void {
    this.replicas.set(workerId, initialReplica({ workerId, lanes: LANES, numRounds: NUM_ROUNDS }));
    this.#join(workerId);
    this.inbox.push({ to: workerId, event: { kind: 'state-loaded', round, numRounds: NUM_ROUNDS } });
  }

  /** The queue hands out earlier rounds first, whatever the order in which shards came back. */
  putBack(shard: HeldShard): void {
    this.queue.unshift(shard);
    this.queue.sort((a, b) => a.firstRound - b.firstRound);
  }

  kill(workerId: string): void {
    this.replicas.delete(workerId);
    this.setParticipants(this.participants.filter((participant) => participant.workerId !== workerId));
  }

  setParticipants(participants: ReplicaParticipant[]): void {
    this.participants = participants;
    for (const to of this.replicas.keys())
      this.inbox.push({ to, event: { kind: 'participants-changed', participants } });
  }

  /** Delivers one event, or a tick when nothing is on its way. Events to one replica keep their order. */
  step(): void {
    const receivers = [...new Set(this.inbox.map((mail) => mail.to))];
    const to = receivers[this.#random.nextInt(receivers.length)];
    const index = this.inbox.findIndex((mail) => mail.to === to);
    const [mail] = index < 0 ? [] : this.inbox.splice(index, 1);
    if (mail) this.deliver(mail.to, mail.event);
    else for (const workerId of this.replicas.keys()) this.deliver(workerId, { kind: 'tick', isReceiving: false });
  }

  deliver(workerId: string, event: ReplicaEvent): void {
    const model = this.replicas.get(workerId);
    if (!model) return;
    if (event.kind === 'applied' && !this.committed.includes(event.round)) {
      this.committed.push(event.round);
      this.committedAlone.push(event.round);
    }
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
        this.setParticipants(
          this.participants.map((one) => (one.workerId === workerId ? { workerId, isReady: false, round: null } : one)),
        );
        return;
      case 'announce-ready':
        this.setParticipants([
          ...this.participants.filter((participant) => participant.workerId !== workerId),
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
        } else tell({ kind: 'none-waiting' });
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
      case 'compute-lanes': {
        const { round, lanes } = effect;
        // Now and then: a participant must have been the only one for a while.
        if (lanes.length < LANES || this.participants.length > 1 || this.#random.nextInt(2) === 0) {
          // Sums of which parts come before the rest.
          if (this.#random.nextInt(2) === 0)
            for (const node of maximalSubtrees(LANES, lanes)) tell({ kind: 'push-begun', round, node });
          return tell({ kind: 'lanes-computed', round, lanes });
        }
        this.deliver(workerId, { kind: 'committing-alone', round });
        return this.#tellApplied(workerId, round);
      }
      case 'push-node':
        this.push(workerId, effect.round, effect.node);
        return;
      case 'apply-root':
        return this.#tellApplied(workerId, effect.round);
      case 'request-state': {
        this.#join(workerId);
        const donor = [...this.replicas.values()].find(
          (model) => model.phase === 'training' && model.workerId !== workerId,
        );
        const round = donor && (donor.isApplying ? donor.round + 1 : donor.round);
        if (round !== undefined) tell({ kind: 'state-loaded', round, numRounds: this.#roundsAfter(round) });
        return;
      }
      case 'announce-round':
      case 'hand-in':
      case 'checkpoint':
      case 'finish':
        return;
      case 'leave':
        this.replicas.delete(workerId);
        this.setParticipants(this.participants.filter((participant) => participant.workerId !== workerId));
        return;
    }
  }

  push(from: string, round: number, node: LaneNode): void {
    if (!laneTree(LANES).contains(node)) throw new Error(`${node.lo}..${node.hi} is no node of the lane tree`);
    // A late push is answered with the root that is there already.
    if (this.committed.includes(round))
      return void this.inbox.push({ to: from, event: { kind: 'root-arrived', round } });
    const lanes = this.pushes.get(round) ?? new Set<number>();
    this.pushes.set(round, lanes);
    for (let lane = node.lo; lane < node.hi; lane += 1) lanes.add(lane);
    if (lanes.size < LANES) return;
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
    return [...this.replicas.values()].every((model) => model.round === this.stopsAt);
  }

  /** Before it is ready: the others see it from then on. */
  #join(workerId: string): void {
    if (this.participants.some((one) => one.workerId === workerId)) return;
    this.setParticipants([...this.participants, { workerId, isReady: false, round: null }]);
  }

  #tellApplied(to: string, round: number): void {
    const isCheckpointDue = CHECKPOINTS.includes(round);
    this.inbox.push({
      to,
      event: { kind: 'applied', round, isCheckpointDue, numRounds: this.#roundsAfter(round + 1) },
    });
  }

  #roundsAfter(round: number): number {
    return round >= this.stopsAt ? this.stopsAt : NUM_ROUNDS;
  }
}

function shardOf(leaseId: string): HeldShard {
  const [, first = '0', lane = '0'] = /^r(\d+)-l(\d+)$/.exec(leaseId) ?? [];
  const firstRound = Number(first);
  const length = { 0: 3, 3: 2, 5: 1 }[firstRound % 6] ?? 1;
  return { leaseId, lane: Number(lane), firstRound, endRound: firstRound + length };
}
