import { randomUUID } from 'node:crypto';
import { RecoverableError, RefusedInputError, type RoundTimes } from '#contracts';
import { askForTakeovers } from './takeovers.js';
import type { GradientExchange, OpenPush, StateRequest, StateSnapshot, VectorForm, WaitOptions } from '../exchange.js';
import type { LaneNode } from '../reduce/lane-tree.js';
import { ProtocolFault } from '../wire/protocol-fault.js';
import type { ParameterServerClientOptions } from './client-options.js';
import { ParticipantLists } from './participant-lists.js';
import { PushSender } from './push-sender.js';
import { RetainedPushes } from './retained-pushes.js';
import { RootAssembler } from './root-assembler.js';
import { parseAddress, ServerLink, type LinkContext, type RunFrame } from './server-link.js';
import { SoleMemberMode } from './sole-member-mode.js';
import { SoleMemberRounds } from './sole-member-rounds.js';
import { StateExchange } from './state-exchange.js';
import { waitFor } from './wait-for.js';
import { waitForServers } from './wait-for-servers.js';

const CONNECT_TIMEOUT_MS = 5_000;
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
  readonly #participants: ParticipantLists;
  readonly #soleMember: SoleMemberMode;
  readonly #sender: PushSender;
  readonly #ownRounds: SoleMemberRounds;
  readonly #watchers = new Set<() => void>();
  #refusal: string | null = null;
  #follow: number | null = null;
  #ready: number | null = null;
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
    this.#participants = new ParticipantLists(this.#links, (participants) => {
      if (!this.#isClosed) options.listener.participants(participants);
    });
    this.#ownRounds = new SoleMemberRounds({
      workerId: options.workerId,
      lanes: options.lanes,
      takeVector: (length) => this.#pushes.takeVector(length),
      committed: (round, root) => {
        if (!this.#isClosed && this.#roots.give(round)) this.#committed(round, root);
      },
      participantTimes: (round, participants) => options.listener.participantTimes?.(round, participants),
    });
    this.#soleMember = new SoleMemberMode({
      links: this.#links,
      workerId: options.workerId,
      afterMs: options.soleMemberAfterMs ?? 2 * context.patienceMs,
      afterRounds: options.soleMemberAfterMs === undefined ? 3 : 0,
      // Pushes tell how far it is; of rounds committed alone there are none.
      ended: () => {
        if (!this.#sender.sendAll()) this.#announceReady();
      },
    });
    this.#sender = new PushSender({
      pushes: this.#pushes,
      links: this.#links,
      isSoleMember: () => this.#soleMember.isGranted,
      commit: (push) => this.#ownRounds.commit(push),
    });
  }

  async connect({ signal, timeoutMs = JOIN_TIMEOUT_MS }: WaitOptions = {}): Promise<void> {
    for (const link of this.#links) link.start();
    try {
      const isRefused = (): boolean => this.#refusal !== null;
      await waitForServers(this.#watchers, this.#links, { isRefused, timeoutMs, ...(signal && { signal }) });
      if (this.#refusal !== null)
        throw new RefusedInputError(`the parameter server refused this worker: ${this.#refusal}`);
    } catch (error) {
      this.close();
      throw error;
    }
    this.#isConnected = true;
    this.#askForTakeovers();
  }

  /** In sole-member mode: it keeps its roots to itself, because it is the only participant. */
  get isInSoleMemberMode(): boolean {
    return this.#soleMember.isGranted;
  }

  get receivedBytes(): number {
    return this.#links.reduce((sum, link) => sum + link.receivedBytes, 0);
  }

  get crossesHosts(): boolean {
    return this.#links.some((link) => link.crossesHosts);
  }

  claimRound(round: number): boolean {
    return this.#soleMember.claim(round);
  }

  committedAlone(round: number): void {
    this.#roots.give(round);
    this.#ready = round + 1;
    this.#ownRounds.committedAlone(round);
    this.#retire(round);
    if (!this.#soleMember.isGranted) this.#announceReady();
    this.#soleMember.release(round);
  }

  push(round: number, node: LaneNode, vector: Float32Array, numRounded = 0): void {
    this.#soleMember.release(round);
    this.#sender.push({ round, node, numRounded }, vector);
  }

  begin(round: number, node: LaneNode, { length, numRounded }: VectorForm): OpenPush {
    this.#soleMember.release(round);
    return this.#sender.begin({ round, node, numRounded }, length);
  }

  handedIn(round: number, times: RoundTimes): void {
    if (this.#soleMember.isGranted) return this.#ownRounds.handedIn(round, times);
    for (const link of this.#links) link.handedIn(round, times);
  }

  ready(round: number, kept: readonly number[] = []): void {
    this.#ready = round;
    this.#announceReady();
    this.#followFrom(round, kept);
  }

  unready(): void {
    this.#ready = null;
    for (const link of this.#links) link.send({ type: 'unready' });
  }

  async requestState(options: StateRequest = {}): Promise<StateSnapshot | null> {
    const { newerThan = -1, signal, timeoutMs = STATE_TIMEOUT_MS } = options;
    const link = this.#links.find(({ isJoined }) => isJoined);
    if (link === undefined) throw new RecoverableError('no parameter server is connected');
    return await this.#states.request(link, { transfer: randomUUID(), newerThan, timeoutMs, signal });
  }

  async leave(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#soleMember.close();
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
    this.#soleMember.close();
    this.#states.close('this worker closed its connections');
    for (const link of this.#links) link.stop();
  }

  #askForTakeovers(): void {
    if (this.#isConnected) askForTakeovers(this.#links);
  }

  #announceReady(): void {
    if (this.#ready !== null) for (const link of this.#links) link.send({ type: 'ready', round: this.#ready });
  }

  /** Asking a server again for what is on its way would fill a slow line with it once more. */
  #followFrom(round: number, kept: readonly number[] = []): void {
    this.#follow = round;
    if (this.#roots.follow(round, kept)) for (const link of this.#links) link.send({ type: 'follow', round });
    if (this.#soleMember.isGranted) this.#sender.commitFrom(round);
  }

  #committed(round: number, vector: Float32Array): void {
    this.#retire(round);
    if (!this.#isClosed) this.#options.listener.root(round, vector);
  }

  /** The round is committed: what only earlier ones needed is let go of. */
  #retire(round: number): void {
    this.#pushes.committed(round);
    if (!this.#isClosed) this.#soleMember.committed();
    for (const link of this.#links) link.committed(round);
  }

  #linkContext(options: ParameterServerClientOptions): LinkContext {
    const { runId, incarnation, workerId, lanes, token, listener, logger } = options;
    return {
      identity: { runId, incarnation, workerId, lanes, token },
      numServers: options.servers.length,
      sharesMemory: options.sharesMemory ?? true,
      patienceMs: options.patienceMs ?? 2_000,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      logger,
      standing: () => ({ follow: this.#follow, ready: this.#ready }),
      retained: () => this.#pushes.all,
      joined: (link) => {
        listener.connection?.({ kind: 'connected', server: link.server, reason: null });
        this.#askForTakeovers();
        this.#changed();
      },
      lost: (link, reason, wasJoined) => {
        this.#states.lost(link, reason);
        if (wasJoined) listener.connection?.({ kind: 'disconnected', server: link.server, reason });
        if (!this.#isClosed) this.#soleMember.lost(link);
        this.#askForTakeovers();
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
      readsInPlace: (frame, payloadBytes, read) =>
        frame.type === 'root' && this.#roots.widen(frame, payloadBytes, read),
      frame: (link, frame) => this.#handle(link, frame),
    };
  }

  #handle(link: ServerLink, frame: RunFrame): void {
    switch (frame.type) {
      case 'root':
        return this.#roots.received(frame);
      case 'participants':
        if (!this.#isClosed) this.#soleMember.look();
        return this.#participants.received(link);
      case 'participant-times':
        if (this.#participants.isFrom(link) && !this.#isClosed)
          this.#options.listener.participantTimes?.(frame.round, frame.participants);
        return;
      case 'sole-member-granted':
        return this.#soleMember.granted();
      case 'sole-member-end':
        return this.#soleMember.wanted(link);
      case 'state-wanted':
      case 'state-begin':
      case 'state-chunk':
      case 'state-end':
      case 'state-ack':
      case 'state-cancel':
        return this.#states.handle(link, frame);
    }
  }

  #changed(): void {
    this.#participants.linksChanged();
    for (const watcher of this.#watchers) watcher();
  }
}
