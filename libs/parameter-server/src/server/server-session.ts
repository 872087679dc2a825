import type { Socket } from 'node:net';
import type { WireFormat } from '#contracts';
import type { Logger } from '#telemetry';
import { Connection, type Traffic } from '../wire/connection.js';
import { encodeHeader } from '../wire/frame-codec.js';
import { clientFrameSchema, isOfState, type ClientFrame, type ServerFrame } from '../wire/frame.schema.js';
import { isSameMac, macOf, newNonce } from '../wire/handshake.js';
import type { Peer } from './peer.js';
import { ProtocolFault } from '../wire/protocol-fault.js';
import { BYTES_PER_ELEMENT, CHUNK_BYTES } from '../reduce/ranges.js';
import type { RunGroup } from './run-group.js';
import type { ServerMemory } from './server-memory.js';
import { heldSlab, type Slab } from './slab-pool.js';
import { LentPayloads } from '../shared-memory/payload-path.js';
import type { Place } from '../shared-memory/slots.js';

/** What a session needs of its server. */
export interface SessionContext {
  readonly token: string | null;
  readonly version: string | undefined;
  readonly patienceMs: number;
  readonly handshakeTimeoutMs: number;
  readonly maxQueuedBytes: number;
  readonly maxVectorElements: number;
  readonly logger: Logger;
  /** Memory that processes of this host can share; null where there is none. */
  shareMemory(): ServerMemory | null;
  /** Sees to it that so many bytes may be taken; throws a ProtocolFault where that cannot be. */
  makeRoom(numBytes: number): void;
  /** Memory for a payload; throws a ProtocolFault where there is none left. */
  takeSlab(numElements: number, format: WireFormat): Slab;
  /** The group of a run, opened if need be. */
  enter(join: Extract<ClientFrame, { type: 'join' }>): RunGroup;
  /** The group may be empty now. */
  left(group: RunGroup): void;
  closed(session: ServerSession): void;
}

/** Before the handshake a peer may send little; afterwards headers hold at most the names and lengths of a state's vectors. */
const HANDSHAKE_HEADER_BYTES = 1_024;
const HEADER_BYTES = 16_384;

/** One connection to a parameter server: handshake, then a participant of one run. */
export class ServerSession implements Peer {
  readonly #context: SessionContext;
  readonly #connection: Connection<ClientFrame, ServerFrame>;
  readonly #nonce = newNonce();
  readonly #handshakeTimer: NodeJS.Timeout;
  readonly #remote: string;
  #workerId: string | null = null;
  #group: RunGroup | null = null;
  /** The group it is not let into yet. */
  #waitingFor: RunGroup | null = null;
  #wasParticipant = false;
  #wasOffered = false;
  /** Memory of the payload that is being received. */
  #incoming: Slab | null = null;

  constructor(socket: Socket, context: SessionContext) {
    this.#context = context;
    this.#remote = `${socket.remoteAddress ?? 'unknown'}:${socket.remotePort ?? 0}`;
    this.#connection = new Connection<ClientFrame, ServerFrame>(socket, {
      schema: clientFrameSchema,
      headerLimit: () => (this.#workerId === null ? HANDSHAKE_HEADER_BYTES : HEADER_BYTES),
      inPlace: (frame, payloadBytes, place) => this.#holds(frame, payloadBytes, place),
      destination: (frame, payloadBytes) => this.#destination(frame, payloadBytes),
      frame: (frame) => this.#handle(frame),
      patienceMs: context.patienceMs,
      maxQueuedBytes: context.maxQueuedBytes,
      closed: (reason) => this.#closed(reason),
    });
    this.#handshakeTimer = setTimeout(() => {
      this.fail(new ProtocolFault('refused', `no authentication within ${context.handshakeTimeoutMs} ms`));
    }, context.handshakeTimeoutMs);
    const { version } = context;
    this.#connection.send({ type: 'hello', nonce: this.#nonce, ...(version === undefined ? {} : { version }) });
  }

  get workerId(): string {
    return this.#workerId ?? '';
  }

  get traffic(): Traffic {
    return this.#connection.traffic;
  }

  send(frame: ServerFrame, slab: Slab | null = null): void {
    if (slab === null) this.#connection.send(frame);
    else this.#sendSlab(encodeHeader(frame, slab.bytes.length), slab, isOfState(frame));
  }

  sendEncoded(header: Uint8Array, slab: Slab): void {
    this.#sendSlab(header, slab, false);
  }

  fail(fault: ProtocolFault): void {
    this.#connection.fail(fault);
  }

  #sendSlab(header: Uint8Array, slab: Slab, isUrgent: boolean): void {
    slab.retain();
    const { bytes, place } = slab;
    this.#connection.sendEncoded({ header, payload: bytes, place, flushed: () => slab.release(), isUrgent });
  }

  /** A push stays where the participant put it until it is added; a root goes to others, who cannot read it there. */
  #holds(frame: ClientFrame, payloadBytes: number, place: Place): boolean {
    if (frame.type !== 'push') return false;
    const [lo, hi] = frame.node;
    if (hi - lo >= this.#joinedGroup(frame).lanes) return false;
    this.#checkPayload(frame, payloadBytes);
    // Of the sum.
    this.#context.makeRoom(payloadBytes);
    const held = this.#connection.hold(place, payloadBytes);
    if (held !== null) this.#incoming = heldSlab(held, frame.format);
    return held !== null;
  }

  #destination(frame: ClientFrame, payloadBytes: number): Uint8Array {
    const { format, elementBytes } = this.#checkPayload(frame, payloadBytes);
    this.#incoming = this.#context.takeSlab(payloadBytes / elementBytes, format);
    return this.#incoming.bytes;
  }

  /** What the numbers of a payload are. */
  #checkPayload(
    frame: ClientFrame,
    payloadBytes: number,
  ): { readonly format: WireFormat; readonly elementBytes: number } {
    if (frame.type !== 'push' && frame.type !== 'state-chunk') {
      throw new ProtocolFault('malformed', `a ${frame.type} frame has no payload, ${payloadBytes} bytes announced`);
    }
    this.#joinedGroup(frame);
    const isPush = frame.type === 'push';
    const format = isPush ? frame.format : 'fp32';
    const elementBytes = BYTES_PER_ELEMENT[format];
    const expectedBytes = isPush ? (frame.hi - frame.lo) * elementBytes : payloadBytes;
    if (payloadBytes !== expectedBytes || payloadBytes > CHUNK_BYTES || payloadBytes % elementBytes !== 0) {
      const limit = `at most ${CHUNK_BYTES}, a multiple of ${elementBytes}`;
      const expected = isPush ? `${expectedBytes} for its range, ${limit}` : limit;
      throw new ProtocolFault(
        'malformed',
        `${frame.type} with a payload of ${payloadBytes} bytes, expected ${expected}`,
      );
    }
    if (isPush && frame.length > this.#context.maxVectorElements) {
      throw new ProtocolFault(
        'refused',
        `a vector of ${frame.length} elements, this server takes at most ${this.#context.maxVectorElements}`,
      );
    }
    return { format, elementBytes };
  }

  #handle(frame: ClientFrame): void {
    if (frame.type === 'authenticate') return this.#authenticate(frame.workerId, frame.mac);
    if (frame.type === 'pong' || frame.type === 'taken') return;
    if (frame.type === 'ping') {
      if (this.#workerId !== null) this.send({ type: 'pong', at: frame.at });
      return;
    }
    if (this.#workerId === null) throw new ProtocolFault('refused', `${frame.type} before authentication`);
    if (frame.type === 'join') return this.#join(frame);
    const group = this.#joinedGroup(frame);
    switch (frame.type) {
      case 'follow':
        return group.follow(this, frame.round);
      case 'ready':
        return group.ready(this, frame.round);
      case 'unready':
        return group.unready(this);
      case 'push':
        return this.#push(group, frame);
      case 'round-times':
        return group.handedIn(this, frame.round, frame.times);
      case 'take-over':
        return group.takeOver(this, frame.servers);
      case 'state-request':
        return group.requestState(this, frame);
      case 'state-begin':
      case 'state-chunk':
      case 'state-end':
      case 'state-ack':
      case 'state-cancel':
        return group.relayState(this, frame, this.#takeIncoming());
      case 'sole-member-request':
        return group.requestSoleMember(this);
      case 'sole-member-over':
        return group.soleMemberOver(this);
      case 'share':
        return this.#share(frame);
      case 'shares':
        return this.#connection.useOffered();
      case 'leave':
        this.#leave();
        return this.#connection.end();
    }
  }

  #authenticate(workerId: string, mac: string): void {
    if (this.#workerId !== null) throw new ProtocolFault('malformed', 'authenticated twice');
    const { token } = this.#context;
    if (token !== null && !isSameMac(macOf(token, this.#nonce, workerId), mac)) {
      throw new ProtocolFault('refused', 'wrong or missing token: set SKIPLANE_TOKEN to the same value on both sides');
    }
    clearTimeout(this.#handshakeTimer);
    this.#workerId = workerId;
    this.send({ type: 'welcome' });
  }

  #join(frame: Extract<ClientFrame, { type: 'join' }>): void {
    if ((this.#group ?? this.#waitingFor) !== null)
      throw new ProtocolFault('malformed', 'joined twice on one connection');
    const group = this.#context.enter(frame);
    this.#waitingFor = group;
    group.admit(this, () => {
      this.#waitingFor = null;
      this.#group = group;
      this.#wasParticipant = true;
      this.send({ type: 'joined' });
      group.join(this);
      this.#context.logger.info(
        { worker: this.workerId, run: frame.runId, remote: this.#remote },
        'participant-joined',
      );
    });
  }

  #share({ pid, fd, bytes, key }: Extract<ClientFrame, { type: 'share' }>): void {
    if (this.#wasOffered) throw new ProtocolFault('malformed', 'memory offered twice on one connection');
    this.#wasOffered = true;
    const memory = this.#context.shareMemory();
    const slots = memory?.open({ pid, fd, bytes, key }) ?? null;
    if (memory === null || slots === null) return this.send({ type: 'shared', segment: null });
    this.#connection.receiveFrom(slots);
    this.#connection.offer(new LentPayloads());
    this.send({ type: 'shared', segment: memory.location });
  }

  #push(group: RunGroup, frame: Extract<ClientFrame, { type: 'push' }>): void {
    const value = this.#takeIncoming();
    if (value === null) throw new ProtocolFault('malformed', 'push without a payload');
    const { round, length, lo, hi, format } = frame;
    group.push(this, { round, length, lo, hi, format, node: { lo: frame.node[0], hi: frame.node[1] }, value });
  }

  #joinedGroup(frame: ClientFrame): RunGroup {
    if (this.#group === null) throw new ProtocolFault('refused', `${frame.type} before joining a run`);
    return this.#group;
  }

  #takeIncoming(): Slab | null {
    const slab = this.#incoming;
    this.#incoming = null;
    return slab;
  }

  #leave(): void {
    const group = this.#group ?? this.#waitingFor;
    if (group === null) return;
    group.withdraw(this);
    if (this.#group !== null) group.leave(this);
    this.#group = null;
    this.#waitingFor = null;
    this.#context.left(group);
  }

  #closed(reason: Error | null): void {
    clearTimeout(this.#handshakeTimer);
    this.#takeIncoming()?.release();
    this.#leave();
    this.#context.logger[this.#wasParticipant ? 'info' : 'debug'](
      { worker: this.#workerId, remote: this.#remote, reason: reason?.message ?? null },
      'connection-closed',
    );
    this.#context.closed(this);
  }
}
