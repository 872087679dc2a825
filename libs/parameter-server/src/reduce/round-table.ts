import { RefusedInputError, type WireFormat } from '#contracts';
import type { LaneNode, LaneTree } from './lane-tree.js';
import { Reduction, type ValueOperations } from './reduction.js';

/** One worker's sum of one node over one range of the vector. */
export interface RangePush<Value> {
  readonly round: number;
  readonly node: LaneNode;
  /** Elements of the whole vector. */
  readonly length: number;
  /** The range [lo, hi) of the vector that `value` holds. */
  readonly lo: number;
  readonly hi: number;
  /** What the numbers of `value` are. */
  readonly format: WireFormat;
  readonly value: Value;
}

/** A root to be sent; the table keeps owning `value`. */
export interface RootDelivery<Value, Participant> {
  readonly round: number;
  readonly length: number;
  readonly lo: number;
  readonly hi: number;
  readonly format: WireFormat;
  readonly value: Value;
  readonly to: readonly Participant[];
}

interface Range<Value, Participant> {
  readonly hi: number;
  readonly format: WireFormat;
  readonly reduction: Reduction<Value>;
  /** Participants the root was sent to. */
  readonly sentTo: Set<Participant>;
}

interface Round<Value, Participant> {
  readonly length: number;
  readonly ranges: Map<number, Range<Value, Participant>>;
}

/**
 * The rounds in flight of one (run, incarnation): the whole state of a parameter server, and no weights in it.
 *
 * Pure: what has to be sent is returned. Every call is idempotent, because (round, node, range) always has the same
 * bytes. Only the `numRounds` most recently touched rounds are kept; a round that was forgotten is rebuilt by pushing
 * again.
 */
export class RoundTable<Value, Participant> {
  readonly #tree: LaneTree;
  readonly #operations: ValueOperations<Value>;
  readonly #numRounds: number;
  /** In order of last touch, oldest first. */
  readonly #rounds = new Map<number, Round<Value, Participant>>();
  /** From which round on a participant wants roots. */
  readonly #followers = new Map<Participant, number>();

  constructor(tree: LaneTree, operations: ValueOperations<Value>, numRounds = 4) {
    this.#tree = tree;
    this.#operations = operations;
    this.#numRounds = numRounds;
  }

  /** Rounds kept now, the most recently touched last. */
  get rounds(): readonly number[] {
    return [...this.#rounds.keys()];
  }

  /** Takes a push and its value. Returns the root of the range if this completes it or it was complete before. */
  push(participant: Participant, push: RangePush<Value>): RootDelivery<Value, Participant> | null {
    const fault = this.#faultOf(push);
    if (fault !== null) {
      this.#operations.drop(push.value);
      throw new RefusedInputError(`push of round ${push.round} refused: ${fault}`);
    }
    const round = this.#touch(push.round, push.length);
    let range = round.ranges.get(push.lo);
    if (range === undefined) {
      const reduction = new Reduction(this.#tree, this.#operations);
      range = { hi: push.hi, format: push.format, reduction, sentTo: new Set() };
      round.ranges.set(push.lo, range);
    }
    const wasComplete = range.reduction.root !== undefined;
    range.reduction.put(push.node, push.value);
    if (wasComplete) return this.#delivery(push.round, round, push.lo, [participant]);
    const followers = [...this.#followers].filter(([, from]) => from <= push.round).map(([follower]) => follower);
    return this.#delivery(push.round, round, push.lo, followers);
  }

  /**
   * The participant wants the roots of `from` and later. Returns those kept that it was not sent yet; asking for a round at
   * or before the one asked for last means that they are needed once more.
   */
  follow(participant: Participant, from: number): readonly RootDelivery<Value, Participant>[] {
    const isRepeat = from <= (this.#followers.get(participant) ?? -1);
    this.#followers.set(participant, from);
    const deliveries: RootDelivery<Value, Participant>[] = [];
    for (const [number, round] of this.#rounds) {
      if (number < from) continue;
      for (const [lo, range] of round.ranges) {
        if (range.sentTo.has(participant) && !isRepeat) continue;
        const delivery = this.#delivery(number, round, lo, [participant]);
        if (delivery !== null) deliveries.push(delivery);
      }
    }
    return deliveries;
  }

  /** The participant left; its pushes stay. */
  forget(participant: Participant): void {
    this.#followers.delete(participant);
    for (const round of this.#rounds.values())
      for (const range of round.ranges.values()) range.sentTo.delete(participant);
  }

  /** Drops the round that was touched longest ago, unless only `keep` are left. Returns whether one was dropped. */
  dropOldest(keep = 0): boolean {
    const [oldest] = this.#rounds;
    if (oldest === undefined || this.#rounds.size <= keep) return false;
    this.#rounds.delete(oldest[0]);
    for (const range of oldest[1].ranges.values()) range.reduction.clear();
    return true;
  }

  clear(): void {
    while (this.dropOldest());
  }

  #faultOf(push: RangePush<Value>): string | null {
    const { node, lo, hi, length, format } = push;
    if (!this.#tree.contains(node))
      return `[${node.lo}, ${node.hi}) is no node of the tree of ${this.#tree.lanes} lanes`;
    if (lo < 0 || hi <= lo || hi > length) return `range [${lo}, ${hi}) does not lie in a vector of ${length} elements`;
    const round = this.#rounds.get(push.round);
    if (round === undefined) return null;
    if (round.length !== length) return `the vector has ${length} elements, others pushed ${round.length}`;
    const range = round.ranges.get(lo);
    return range !== undefined && (range.hi !== hi || range.format !== format)
      ? `range [${lo}, ${hi}) of ${format} was pushed as [${lo}, ${range.hi}) of ${range.format} before`
      : null;
  }

  #touch(number: number, length: number): Round<Value, Participant> {
    const round = this.#rounds.get(number) ?? { length, ranges: new Map() };
    this.#rounds.delete(number);
    this.#rounds.set(number, round);
    this.dropOldest(this.#numRounds);
    return round;
  }

  #delivery(
    number: number,
    round: Round<Value, Participant>,
    lo: number,
    to: readonly Participant[],
  ): RootDelivery<Value, Participant> | null {
    const range = round.ranges.get(lo);
    const value = range?.reduction.root;
    if (range === undefined || value === undefined || to.length === 0) return null;
    for (const participant of to) range.sentTo.add(participant);
    return { round: number, length: round.length, lo, hi: range.hi, format: range.format, value, to };
  }
}
