import { RecoverableError, RefusedInputError, type RoundTimes } from '#contracts';
import { addVectors, roundToBfloat16 } from '#vectors';
import type { ExchangeListener, GradientExchange, OpenPush } from '../exchange.js';
import type { StateRequest, StateSnapshot, VectorForm } from '../exchange.js';
import { openPush } from './open-push.js';
import { laneTree, type LaneNode } from '../reduce/lane-tree.js';
import { RoundTimesTable } from '../reduce/round-times-table.js';
import { RoundTable, type RootDelivery } from '../reduce/round-table.js';

type Vector = Float32Array<ArrayBuffer>;

/** What is added up: the vector and how many of its first elements are rounded to bfloat16. */
interface Sum {
  readonly vector: Vector;
  readonly numRounded: number;
}

interface InMemoryOptions {
  readonly workerId: string;
  readonly lanes: number;
  readonly listener: ExchangeListener;
}

interface Participation {
  readonly exchange: InMemoryExchange;
  readonly order: number;
  round: number | null;
}

/** One run inside one process: the exchange of tests and of single-process runs. No bytes, no copies but one per root. */
export class InMemoryRun {
  readonly #lanes: number;
  readonly #table: RoundTable<Sum, InMemoryExchange>;
  readonly #times = new RoundTimesTable();
  readonly #participants = new Map<string, Participation>();
  readonly #leftDuringTransfer = new Set<(workerId: string) => void>();
  #joins = 0;
  /** Who commits which round by itself; nobody comes in meanwhile. */
  #claim: { readonly exchange: InMemoryExchange; readonly round: number } | null = null;
  readonly #waiting = new Set<() => void>();

  constructor(lanes: number) {
    this.#lanes = lanes;
    this.#table = new RoundTable(laneTree(lanes), {
      add: (left, right) => {
        addVectors(left.vector, right.vector, left.numRounded);
        return left;
      },
      drop: () => undefined,
    });
  }

  /** A participant's place in this run; it takes part once it connects. */
  exchange(options: InMemoryOptions): InMemoryExchange {
    return new InMemoryExchange(this, options);
  }

  /** @internal */
  async untilOpen(): Promise<void> {
    if (this.#claim !== null) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  /** @internal */
  claim(exchange: InMemoryExchange, round: number): boolean {
    const isAlone = [...this.#participants.values()].every((participant) => participant.exchange === exchange);
    if (isAlone) this.#claim = { exchange, round };
    return isAlone;
  }

  /** @internal */
  release(exchange: InMemoryExchange, round?: number): void {
    if (this.#claim?.exchange !== exchange || (round ?? this.#claim.round) !== this.#claim.round) return;
    this.#claim = null;
    for (const enter of this.#waiting) enter();
    this.#waiting.clear();
  }

  /** @internal */
  committedAlone(exchange: InMemoryExchange, round: number): void {
    this.#seenAt(exchange, round + 1);
    this.#times.rootSent(round, performance.now());
    this.release(exchange, round);
  }

  /** @internal */
  join(exchange: InMemoryExchange, workerId: string, lanes: number): void {
    if (lanes !== this.#lanes)
      throw new RefusedInputError(`the run has ${this.#lanes} lanes, this worker believes ${lanes}`);
    if (this.#participants.has(workerId)) throw new RefusedInputError(`worker ${workerId} has joined already`);
    this.#participants.set(workerId, { exchange, order: this.#joins, round: null });
    this.#joins += 1;
    this.#announce();
  }

  /** @internal */
  leave(exchange: InMemoryExchange, workerId: string): void {
    if (this.#participants.get(workerId)?.exchange !== exchange) return;
    this.#participants.delete(workerId);
    this.release(exchange);
    this.#table.forget(exchange);
    if (this.#participants.size === 0) this.#table.clear();
    for (const tell of this.#leftDuringTransfer) tell(workerId);
    this.#announce();
  }

  /** @internal */
  push(exchange: InMemoryExchange, round: number, node: LaneNode, value: Sum): void {
    const { vector, numRounded } = value;
    this.release(exchange, round);
    roundToBfloat16(vector.subarray(0, numRounded));
    const format = numRounded > 0 ? 'bf16' : 'fp32';
    const { length } = vector;
    this.#seenAt(exchange, round);
    const delivery = this.#table.push(exchange, { round, node, length, lo: 0, hi: length, format, value });
    if (delivery !== null) this.#times.rootSent(round, performance.now());
    this.#deliver(delivery);
  }

  /** @internal */
  handedIn(workerId: string, round: number, times: RoundTimes): void {
    const over = this.#times.handedIn({ workerId, round, times }, performance.now());
    const leader = [...this.#participants.values()].find((participant) => participant.round !== null);
    if (over !== null && leader !== undefined)
      setImmediate(() => leader.exchange.listener.participantTimes?.(over.round, over.participants));
  }

  /** @internal */
  ready(exchange: InMemoryExchange, workerId: string, round: number): void {
    const participation = this.#participants.get(workerId);
    if (participation === undefined) return;
    participation.round = round;
    this.#announce();
    this.follow(exchange, round);
  }

  /** @internal */
  unready(workerId: string): void {
    const participation = this.#participants.get(workerId);
    if (participation === undefined) return;
    participation.round = null;
    this.#announce();
  }

  /** @internal */
  follow(exchange: InMemoryExchange, round: number): void {
    for (const delivery of this.#table.follow(exchange, round)) this.#deliver(delivery);
  }

  /** @internal */
  async stateFor(exchange: InMemoryExchange, newerThan: number, signal: AbortSignal): Promise<StateSnapshot | null> {
    const [donor] = [...this.#participants]
      .filter(([, participant]) => participant.exchange !== exchange && participant.round !== null)
      .sort(([, a], [, b]) => (b.round ?? 0) - (a.round ?? 0) || a.order - b.order);
    if (donor === undefined) throw new RecoverableError('no state: no other participant of the run is ready');
    const [donorId, { exchange: giver }] = donor;
    const abort = new AbortController();
    let tell: (workerId: string) => void = () => undefined;
    const gone = new Promise<never>((_, reject) => {
      tell = (workerId) => {
        if (workerId === donorId) reject(new RecoverableError(`no state: ${donorId} left during the transfer`));
      };
      signal.addEventListener('abort', () =>
        reject(new RecoverableError('the request for state ended', { cause: signal.reason })),
      );
    });
    this.#leftDuringTransfer.add(tell);
    try {
      const snapshot = await Promise.race([giver.listener.provideState(abort.signal), gone]);
      if (snapshot === null) throw new RecoverableError('no state: the donor has no complete state now');
      if (snapshot.round <= newerThan) return null;
      this.follow(exchange, snapshot.round);
      const { round, vectors, memory } = snapshot;
      const copies = Object.entries(vectors).map(([name, vector]) => [name, vector.slice()] as const);
      return { round, vectors: Object.fromEntries(copies), memory: structuredClone(memory) };
    } finally {
      abort.abort();
      this.#leftDuringTransfer.delete(tell);
    }
  }

  #seenAt(exchange: InMemoryExchange, round: number): void {
    const participation = [...this.#participants.values()].find((participant) => participant.exchange === exchange);
    if (participation !== undefined && participation.round !== null)
      participation.round = Math.max(participation.round, round);
  }

  #deliver(delivery: RootDelivery<Sum, InMemoryExchange> | null): void {
    if (delivery === null) return;
    for (const exchange of delivery.to) {
      const copy = delivery.value.vector.slice();
      setImmediate(() => exchange.deliver(delivery.round, copy));
    }
  }

  #announce(): void {
    const participants = [...this.#participants].map(([workerId, { order, round }]) => ({
      workerId,
      isReady: round !== null,
      round,
      order,
      takenOver: [],
    }));
    for (const { exchange } of this.#participants.values()) setImmediate(() => exchange.announce(participants));
  }
}

/** A participant of an in-memory run. */
export class InMemoryExchange implements GradientExchange {
  readonly listener: ExchangeListener;
  readonly #run: InMemoryRun;
  readonly #workerId: string;
  readonly #lanes: number;
  readonly #closed = new AbortController();
  #given = new Set<number>();
  #from = -1;
  #isJoined = false;
  #receivedBytes = 0;

  constructor(run: InMemoryRun, { workerId, lanes, listener }: InMemoryOptions) {
    this.#run = run;
    this.listener = listener;
    this.#workerId = workerId;
    this.#lanes = lanes;
  }

  async connect(): Promise<void> {
    await this.#run.untilOpen();
    this.#run.join(this, this.#workerId, this.#lanes);
    this.#isJoined = true;
  }

  claimRound(round: number): boolean {
    return this.#isJoined && this.#run.claim(this, round);
  }

  committedAlone(round: number): void {
    this.#given.add(round);
    this.#run.committedAlone(this, round);
  }

  push(round: number, node: LaneNode, vector: Vector, numRounded = 0): void {
    if (this.#isJoined) this.#run.push(this, round, node, { vector, numRounded });
  }

  get crossesHosts(): boolean {
    return false;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  begin(round: number, node: LaneNode, { length, numRounded }: VectorForm): OpenPush {
    return openPush(length, (vector) => this.push(round, node, vector, numRounded));
  }

  handedIn(round: number, times: RoundTimes): void {
    if (this.#isJoined) this.#run.handedIn(this.#workerId, round, times);
  }

  ready(round: number, kept: readonly number[] = []): void {
    const isKept = (given: number): boolean => given < round || kept.includes(given);
    if (round <= this.#from) this.#given = new Set([...this.#given].filter(isKept));
    this.#from = round;
    this.#run.ready(this, this.#workerId, round);
  }

  unready(): void {
    this.#run.unready(this.#workerId);
  }

  async requestState({ newerThan = -1, signal, timeoutMs = 60_000 }: StateRequest = {}): Promise<StateSnapshot | null> {
    const signals = [AbortSignal.timeout(timeoutMs), this.#closed.signal, ...(signal ? [signal] : [])];
    return await this.#run.stateFor(this, newerThan, AbortSignal.any(signals));
  }

  async leave(): Promise<void> {
    this.#isJoined = false;
    this.#closed.abort();
    this.#run.leave(this, this.#workerId);
    await Promise.resolve();
  }

  /** @internal */
  deliver(round: number, vector: Vector): void {
    if (!this.#isJoined || this.#given.has(round)) return;
    this.#given.add(round);
    this.#receivedBytes += vector.byteLength;
    this.listener.root(round, vector);
  }

  /** @internal */
  announce(participants: Parameters<ExchangeListener['participants']>[0]): void {
    if (this.#isJoined) this.listener.participants(participants);
  }
}
