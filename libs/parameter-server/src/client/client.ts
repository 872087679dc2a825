import { randomUUID } from 'node:crypto';
import { RecoverableError, RefusedInputError, type Pace } from '#contracts';
import type { Logger } from '#telemetry';
import { adoptionsOf } from './takeovers.js';
import { roundToBfloat16 } from '#vectors';
import type { ExchangeListener, GradientExchange, StateSnapshot, WaitOptions } from '../exchange.js';
import type { ServerFrame } from '../wire/frame.schema.js';
import type { LaneNode } from '../reduce/lane-tree.js';
import { PaceTable } from '../reduce/pace-table.js';
import { ProtocolFault } from '../wire/protocol-fault.js';
import { RetainedPushes, type RetainedPush } from './retained-pushes.js';
import { RootAssembler } from './root-assembler.js';
import { parseAddress, ServerLink, type LinkContext, type MemberIdentity } from './server-link.js';
import { Solitude } from './sole-member-mode.js';
import { StateExchange } from './state-exchange.js';
import { waitFor } from './wait-for.js';

export interface ParameterServerClientOptions extends MemberIdentity {
  /** `host:port` of each server, in the order all members use: the vector is split over them. */
  readonly servers: readonly string[];
  readonly listener: ExchangeListener;
  readonly logger: Logger;
  /** A server silent for so long is given up and connected to again. Default 2,000 ms. */
  readonly patienceMs?: number;
  /** Elements of the longest vector and a quarter of the largest state taken. Default 2^28. */
  readonly maxVectorElements?: number;
  /**
   * After so long as the only member it keeps its roots to itself, until somebody joins. Default 2 x patienceMs, and not
   * before its third round alone.
   */
  readonly aloneAfterMs?: number;
}

const CONNECT_TIMEOUT_MS = 5_000;
/** A newcomer begins without the servers that have not answered by then; others stand in for them. */
const ALL_SERVERS_MS = 1_000;
const JOIN_TIMEOUT_MS = 30_000;
const STATE_TIMEOUT_MS = 60_000;
const LEAVE_TIMEOUT_MS = 2_000;

/**
 * A worker's all-reduce over N parameter servers by TCP. For the control thread: nothing blocks, and payloads are read
 * and written where they lie.
 *
 * Bytes on the wire per round and worker: its pushed nodes out (one vector where its lanes are one subtree), one vector in.
 */
export class ParameterServerClient implements GradientExchange {
  readonly #options: ParameterServerClientOptions;
  readonly #links: readonly ServerLink[];
  readonly #pushes = new RetainedPushes();
  readonly #roots: RootAssembler;
  readonly #states: StateExchange;
  readonly #solitude: Solitude;
  /** Of the rounds committed alone. */
  readonly #paces = new PaceTable();
  readonly #watchers = new Set<() => void>();
  #refusal: string | null = null;
  #follow: number | null = null;
  #ready: number | null = null;
  #membersFrom = -1;
  #isConnected = false;
  #isClosed = false;

  constructor(options: ParameterServerClientOptions) {
    if (options.servers.length === 0) throw new RefusedInputError('at least one parameter server is needed');
    for (const server of options.servers) parseAddress(server);
    this.#options = options;
    const maxVectorElements = options.maxVectorElements ?? 2 ** 28;
    this.#roots = new RootAssembler({
      maxVectorElements,
      takeVector: (length) => this.#pushes.takeVector(length),
      complete: (round, vector) => this.#committed(round, vector),
    });
    this.#states = new StateExchange({
      maxBytes: maxVectorElements * 16,
      provide: (signal) => options.listener.provideState(signal),
      begun: (round) => this.#followFrom(round),
      logger: options.logger,
    });
    const context = this.#linkContext(options);
    this.#links = options.servers.map((server, index) => new ServerLink(context, index, server));
    this.#solitude = new Solitude({
      links: this.#links,
      workerId: options.workerId,
      afterMs: options.aloneAfterMs ?? 2 * context.patienceMs,
      afterRounds: options.aloneAfterMs === undefined ? 3 : 0,
      ended: () => {
        for (const push of this.#pushes.all) for (const link of this.#links) link.push(push);
      },
    });
  }

  async connect({ signal, timeoutMs = JOIN_TIMEOUT_MS }: WaitOptions = {}): Promise<void> {
    for (const link of this.#links) link.start();
    let isGraceOver = false;
    const grace = setTimeout(() => {
      isGraceOver = true;
      for (const watcher of this.#watchers) watcher();
    }, ALL_SERVERS_MS);
    const isEnough = (): boolean =>
      this.#refusal !== null ||
      (isGraceOver ? this.#links.some((link) => link.isJoined) : this.#links.every((link) => link.isJoined));
    try {
      await waitFor(this.#watchers, isEnough, {
        what: `parameter servers ${this.#options.servers.join(', ')}`,
        timeoutMs,
        ...(signal && { signal }),
      });
      if (this.#refusal !== null)
        throw new RefusedInputError(`the parameter server refused this worker: ${this.#refusal}`);
    } catch (error) {
      this.close();
      throw error;
    } finally {
      clearTimeout(grace);
    }
    this.#isConnected = true;
    this.#adopt();
  }

  /** It keeps its roots to itself, because it is the only member. */
  get isAlone(): boolean {
    return this.#solitude.isGranted;
  }

  push(round: number, node: LaneNode, vector: Float32Array<ArrayBuffer>, numRounded = 0): void {
    const push = this.#pushes.add({ round, node, vector, numRounded });
    if (this.#solitude.isGranted && this.#isWhole(push)) return this.#commitHere(push);
    for (const link of this.#links) link.push(push);
  }

  handedIn(round: number, pace: Pace): void {
    if (this.#solitude.isGranted) return this.#handedInHere(round, pace);
    for (const link of this.#links) link.handedIn(round, pace);
  }

  ready(round: number): void {
    this.#ready = round;
    for (const link of this.#links) link.send({ type: 'ready', round });
    this.#followFrom(round);
  }

  unready(): void {
    this.#ready = null;
    for (const link of this.#links) link.send({ type: 'unready' });
  }

  async requestState({ signal, timeoutMs = STATE_TIMEOUT_MS }: WaitOptions = {}): Promise<StateSnapshot> {
    const link = this.#links.find(({ isJoined }) => isJoined);
    if (link === undefined) throw new RecoverableError('no parameter server is connected');
    return await this.#states.request(link, { transfer: randomUUID(), timeoutMs, signal });
  }

  async leave(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#solitude.close();
    this.#states.close('this worker left');
    for (const link of this.#links) link.leave();
    try {
      await waitFor(this.#watchers, () => this.#links.every((link) => !link.isJoined), {
        what: 'the goodbye of the parameter servers',
        timeoutMs: LEAVE_TIMEOUT_MS,
      });
    } catch (error) {
      this.#options.logger.debug({ error: String(error) }, 'leave-unanswered');
    }
    for (const link of this.#links) link.stop();
  }

  /** Closes all connections at once; the others see this worker as gone. */
  close(): void {
    this.#isClosed = true;
    this.#solitude.close();
    this.#states.close('this worker closed its connections');
    for (const link of this.#links) link.stop();
  }

  /** The ranges of servers that are away move to others, and back. */
  #adopt(): void {
    if (!this.#isConnected) return;
    for (const [index, homes] of adoptionsOf(this.#links.map(({ isJoined }) => isJoined)))
      this.#links[index]?.adopt(homes);
  }

  #followFrom(round: number): void {
    this.#follow = round;
    this.#roots.follow(round);
    for (const link of this.#links) link.send({ type: 'follow', round });
    if (!this.#solitude.isGranted) return;
    // The servers know nothing of these.
    for (const push of this.#pushes.all) if (push.round >= round && this.#isWhole(push)) this.#commitHere(push);
  }

  #isWhole({ node }: RetainedPush): boolean {
    return node.lo === 0 && node.hi === this.#options.lanes;
  }

  /** The member is alone and has the root. The push stays as it is, for those who may join. */
  #commitHere({ round, node, vector, numRounded }: RetainedPush): void {
    this.#paces.rootSent(round, performance.now());
    const root = this.#pushes.takeVector(vector.length);
    root.set(vector);
    // A sum is rounded already; a single lane's gradient would be so on the wire.
    if (node.hi - node.lo === 1) roundToBfloat16(root.subarray(0, numRounded));
    setImmediate(() => {
      if (!this.#isClosed && this.#roots.give(round)) this.#committed(round, root);
    });
  }

  /** The servers need not know of it: nobody else is compared with. */
  #handedInHere(round: number, pace: Pace): void {
    const { workerId, listener } = this.#options;
    const over = this.#paces.handedIn({ workerId, round, pace }, performance.now());
    if (over !== null) listener.paces?.(over.round, over.paces);
  }

  #committed(round: number, vector: Float32Array<ArrayBuffer>): void {
    this.#pushes.committed(round);
    if (!this.#isClosed) this.#solitude.committed();
    for (const link of this.#links) link.committed(round);
    if (!this.#isClosed) this.#options.listener.root(round, vector);
  }

  #linkContext(options: ParameterServerClientOptions): LinkContext {
    const { runId, incarnation, workerId, lanes, token, listener, logger } = options;
    return {
      identity: { runId, incarnation, workerId, lanes, token },
      numServers: options.servers.length,
      patienceMs: options.patienceMs ?? 2_000,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      logger,
      standing: () => ({ follow: this.#follow, ready: this.#ready }),
      retained: () => this.#pushes.all,
      joined: (link) => {
        listener.connection?.({ kind: 'connected', server: link.server, reason: null });
        this.#adopt();
        this.#changed();
      },
      lost: (link, reason, wasJoined) => {
        this.#states.lost(link, reason);
        if (wasJoined) listener.connection?.({ kind: 'disconnected', server: link.server, reason });
        if (!this.#isClosed) this.#solitude.end();
        this.#adopt();
        this.#changed();
      },
      refused: (link, reason) => {
        this.#refusal = reason;
        this.#states.lost(link, reason);
        listener.connection?.({ kind: 'refused', server: link.server, reason });
        this.#changed();
      },
      destination: (frame, payloadBytes) => {
        if (frame.type === 'root') return this.#roots.destination(frame, payloadBytes);
        if (frame.type === 'state-chunk') return this.#states.destination(frame, payloadBytes);
        throw new ProtocolFault('malformed', `a ${frame.type} frame has no payload`);
      },
      frame: (link, frame) => this.#handle(link, frame),
    };
  }

  #handle(link: ServerLink, frame: ServerFrame): void {
    switch (frame.type) {
      case 'root':
        return this.#roots.received(frame);
      case 'members':
        if (!this.#isClosed) this.#solitude.look();
        return this.#tellMembers(link);
      case 'paces':
        if (link.index === this.#membersFrom && !this.#isClosed)
          this.#options.listener.paces?.(frame.round, frame.paces);
        return;
      case 'alone-granted':
        return this.#solitude.granted();
      case 'alone-end':
        this.#solitude.end();
        link.send({ type: 'alone-over' });
        return;
      case 'state-wanted':
      case 'state-begin':
      case 'state-chunk':
      case 'state-end':
      case 'state-ack':
      case 'state-cancel':
        return this.#states.handle(link, frame);
      case 'hello':
      case 'welcome':
      case 'joined':
      case 'error':
      case 'ping':
      case 'pong':
        return;
    }
  }

  /** Every server has a list of members; the one that counts is that of the lowest connected server. */
  #tellMembers(from: ServerLink): void {
    const lowest = this.#links.find(({ members }) => members !== null);
    if (lowest?.members === undefined || lowest.members === null || this.#isClosed) return;
    if (lowest !== from && lowest.index === this.#membersFrom) return;
    this.#membersFrom = lowest.index;
    this.#options.listener.members(lowest.members);
  }

  #changed(): void {
    const lowest = this.#links.find(({ members }) => members !== null);
    if (lowest !== undefined && lowest.index !== this.#membersFrom) this.#tellMembers(lowest);
    for (const watcher of this.#watchers) watcher();
  }
}
