import type { RoundTimes } from '#contracts';
import { Admission } from './admission.js';
import { encodeHeader } from '../wire/frame-codec.js';
import type { Participant, ServerFrame, StateFrame } from '../wire/frame.schema.js';
import { laneTree } from '../reduce/lane-tree.js';
import { RoundTimesTable } from '../reduce/round-times-table.js';
import type { Peer } from './peer.js';
import { ProtocolFault } from '../wire/protocol-fault.js';
import { RoundTable, type RangePush, type RootDelivery } from '../reduce/round-table.js';
import type { ValueOperations } from '../reduce/reduction.js';
import type { Slab } from './slab-pool.js';
import { StateRelay, type WantedState } from './state-relay.js';

interface Participation {
  readonly order: number;
  readonly round: number | null;
  readonly takenOver: readonly number[];
}

/** Everything a server knows of one (run, incarnation). Gone when the last participant is. */
export class RunGroup {
  readonly lanes: number;
  readonly #table: RoundTable<Slab, Peer>;
  readonly #relay = new StateRelay();
  readonly #times = new RoundTimesTable();
  readonly #admission = new Admission();
  readonly #participants = new Map<Peer, Participation>();
  readonly #defer: (task: () => void) => void;
  #joins = 0;
  #isBroadcastDue = false;

  /** `defer` runs a task soon: changes of one turn of the event loop are told to the participants once. */
  constructor(
    lanes: number,
    operations: ValueOperations<Slab>,
    numRounds: number,
    defer: (task: () => void) => void = setImmediate,
  ) {
    this.lanes = lanes;
    this.#table = new RoundTable(laneTree(lanes), operations, numRounds);
    this.#defer = defer;
  }

  get isEmpty(): boolean {
    return this.#participants.size === 0 && this.#admission.numWaiting === 0;
  }

  /** The participants in order of joining. */
  get participants(): readonly Participant[] {
    return [...this.#participants].map(([peer, { order, round, takenOver }]) => ({
      workerId: peer.workerId,
      isReady: round !== null,
      round,
      order,
      takenOver: [...takenOver],
    }));
  }

  /** Has the peer join by `enter`, at once unless a sole member must give its word first. */
  admit(peer: Peer, enter: () => void): void {
    this.#admission.admit(peer, enter);
  }

  /** The peer no longer waits to be let in. */
  withdraw(peer: Peer): void {
    this.#admission.withdraw(peer);
  }

  /** The participant would keep its roots to itself; not granted, and not answered, where it is not the sole member. */
  requestSoleMember(peer: Peer): void {
    if (this.#participants.size === 1 && this.#participants.has(peer)) this.#admission.request(peer);
  }

  /** The participant's roots go through the servers from here on. */
  soleMemberOver(peer: Peer): void {
    this.#admission.over(peer);
  }

  /** A worker that joins again takes its old place: its old connection is dead or about to be. */
  join(peer: Peer): void {
    for (const other of this.#participants.keys()) {
      if (other.workerId !== peer.workerId) continue;
      this.leave(other);
      other.fail(new ProtocolFault('replaced', `worker ${peer.workerId} joined on another connection`));
    }
    this.#participants.set(peer, { order: this.#joins, round: null, takenOver: [] });
    this.#joins += 1;
    this.#announce();
  }

  leave(peer: Peer): void {
    if (!this.#participants.delete(peer)) return;
    this.#relay.left(peer);
    this.#table.forget(peer);
    this.#announce();
    this.#admission.over(peer);
    if (this.isEmpty) this.#table.clear();
  }

  /** The participant wants the roots of `round` and later. */
  follow(peer: Peer, round: number): void {
    for (const delivery of this.#table.follow(peer, round)) this.#deliver(delivery);
  }

  /** The participant's replica is complete at `round`. */
  ready(peer: Peer, round: number): void {
    this.#setRound(peer, round);
  }

  /** The participant's replica is not complete any more. */
  unready(peer: Peer): void {
    this.#setRound(peer, null);
  }

  /** The participant cannot reach these servers: all participants are told to push their ranges here, too. */
  takeOver(peer: Peer, takenOver: readonly number[]): void {
    const participation = this.#participants.get(peer);
    if (participation === undefined) return;
    this.#participants.set(peer, { ...participation, takenOver });
    this.#announce();
  }

  push(peer: Peer, push: RangePush<Slab>): void {
    this.#seenAt(peer, push.round);
    const delivery = this.#table.push(peer, push);
    if (delivery === null) return;
    this.#times.rootSent(push.round, performance.now());
    this.#deliver(delivery);
  }

  /** The participant's pushes of the round are all here. What is known of the round before goes to the first ready participant. */
  handedIn(peer: Peer, round: number, times: RoundTimes): void {
    const over = this.#times.handedIn({ workerId: peer.workerId, round, times }, performance.now());
    if (over === null) return;
    const [leader] = [...this.#participants].find(([, participant]) => participant.round !== null) ?? [];
    leader?.send({ type: 'participant-times', round: over.round, participants: [...over.participants] });
  }

  requestState(peer: Peer, wanted: WantedState): void {
    const candidates = [...this.#participants]
      .filter(([other, { round }]) => other !== peer && round !== null)
      .sort(([, a], [, b]) => (b.round ?? 0) - (a.round ?? 0) || a.order - b.order)
      .map(([other]) => other);
    this.#relay.request(peer, wanted, candidates);
  }

  relayState(peer: Peer, frame: StateFrame, slab: Slab | null): void {
    this.#relay.relay(peer, frame, slab);
  }

  /** Frees the oldest round, but never the last two. Returns whether there was one. */
  dropOldestRound(): boolean {
    return this.#table.dropOldest(2);
  }

  /** Told to the participants with the next change: a push says that its participant has everything before it. */
  #seenAt(peer: Peer, round: number): void {
    const participation = this.#participants.get(peer);
    if (participation === undefined || participation.round === null || participation.round >= round) return;
    this.#participants.set(peer, { ...participation, round });
  }

  #setRound(peer: Peer, round: number | null): void {
    const participation = this.#participants.get(peer);
    if (participation === undefined) return;
    this.#participants.set(peer, { ...participation, round });
    this.#announce();
  }

  #deliver({ round, length, lo, hi, format, value, to }: RootDelivery<Slab, Peer>): void {
    const frame: ServerFrame = { type: 'root', round, length, lo, hi, format };
    const header = encodeHeader(frame, value.bytes.length);
    for (const peer of to) peer.sendEncoded(header, value);
  }

  #announce(): void {
    if (this.#isBroadcastDue) return;
    this.#isBroadcastDue = true;
    this.#defer(() => {
      this.#isBroadcastDue = false;
      const frame: ServerFrame = { type: 'participants', participants: [...this.participants] };
      for (const peer of this.#participants.keys()) peer.send(frame);
    });
  }
}
