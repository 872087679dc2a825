import { Socket, type OnReadOpts, type SocketConstructorOpts } from 'node:net';
import type { Logger } from '#telemetry';
import { Connection } from '../wire/connection.js';
import { serverFrameSchema, type ClientFrame, type Participant, type ServerFrame } from '../wire/frame.schema.js';
import { macOf } from '../wire/handshake.js';
import { ProtocolFault } from '../wire/protocol-fault.js';
import type { RoundTimes } from '#contracts';
import { PushQueue } from './push-queue.js';
import type { RetainedPush } from './retained-pushes.js';
import { MemoryOffer } from './memory-offer.js';

/** Who a client is; the same on every server. */
export interface ParticipantIdentity {
  readonly runId: string;
  readonly incarnation: number;
  readonly workerId: string;
  readonly lanes: number;
  readonly token: string | null;
}

/** What servers say of the run, not of the connection. */
export type RunFrame = Exclude<
  ServerFrame,
  { type: 'hello' | 'welcome' | 'joined' | 'shared' | 'error' | 'ping' | 'pong' | 'taken' }
>;

/** What a link needs of its client. */
export interface LinkContext {
  readonly identity: ParticipantIdentity;
  readonly numServers: number;
  readonly sharesMemory: boolean;
  readonly patienceMs: number;
  readonly connectTimeoutMs: number;
  readonly logger: Logger;
  /** What the participant last said of itself, to be said again on a new connection. */
  standing(): { readonly follow: number | null; readonly ready: number | null };
  /** All that may have to be pushed again. */
  retained(): readonly RetainedPush[];
  joined(link: ServerLink): void;
  lost(link: ServerLink, reason: string | null, wasJoined: boolean): void;
  refused(link: ServerLink, reason: string): void;
  destination(frame: ServerFrame, payloadBytes: number): Uint8Array;
  /** Reads a payload where it lies, by `read`; false where it needs a destination. */
  readsInPlace(frame: ServerFrame, payloadBytes: number, read: (use: (bytes: Uint8Array) => void) => void): boolean;
  frame(link: ServerLink, frame: RunFrame): void;
}

/** A header may hold the list of all participants. */
const HEADER_BYTES = 16 * 2 ** 20;
/** The client itself holds its pushes back, so this much waits only when something is wrong. */
const MAX_QUEUED_BYTES = 2 ** 30;

const FIRST_BACKOFF_MS = 50;
const LONGEST_BACKOFF_MS = 1_000;

/** The connection to one server, made again for as long as it takes. */
export class ServerLink {
  readonly index: number;
  readonly server: string;
  /** The last list this server sent on this connection. */
  participants: readonly Participant[] | null = null;
  /** The server lets nobody in without this participant's word. */
  hasGrantedSoleMember = false;
  readonly #context: LinkContext;
  readonly #queue: PushQueue;
  #connection: Connection<ServerFrame, ClientFrame> | null = null;
  #isJoined = false;
  /** Of connections that are over. */
  #pastBytes = 0;
  /** What this participant last asked the server to take over on this connection. */
  #asked = '';
  #isStopped = false;
  #attempt = 0;
  #refusal: string | null = null;
  #offer: MemoryOffer | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(context: LinkContext, index: number, server: string) {
    this.#context = context;
    this.index = index;
    this.server = server;
    this.#queue = new PushQueue(index, context.numServers);
  }

  get isJoined(): boolean {
    return this.#isJoined;
  }

  /** Its payloads do not go through memory of this host. */
  get crossesHosts(): boolean {
    return this.#isJoined && this.#connection?.sharesMemory === false;
  }

  /** Bytes of payloads that have come so far, on all connections. */
  get receivedBytes(): number {
    return this.#pastBytes + (this.#connection?.reader.takenBytes ?? 0);
  }

  start(): void {
    const { host, port } = parseAddress(this.server);
    // Reads straight into the memory a payload stays in. The type lacks `onread`, which Node's constructor takes.
    const options: SocketConstructorOpts & { readonly onread: OnReadOpts } = {
      onread: {
        buffer: () => connection.reader.target(),
        callback: (count) => {
          connection.take(() => connection.reader.advance(count));
          return true;
        },
      },
    };
    const socket = new Socket(options);
    const connection = new Connection<ServerFrame, ClientFrame>(socket, {
      schema: serverFrameSchema,
      headerLimit: () => HEADER_BYTES,
      destination: (frame, payloadBytes) => this.#context.destination(frame, payloadBytes),
      inPlace: (frame, payloadBytes, place) =>
        this.#context.readsInPlace(frame, payloadBytes, (use) => connection.readFrom(place, payloadBytes, use)),
      frame: (frame) => this.#handle(connection, frame),
      patienceMs: this.#context.patienceMs,
      maxQueuedBytes: MAX_QUEUED_BYTES,
      closed: (reason) => this.#closed(connection, reason),
    });
    this.#connection = connection;
    connection.onDrain(() => this.#pump());
    this.#timer = setTimeout(() => {
      connection.destroy(new Error(`no answer within ${this.#context.connectTimeoutMs} ms`));
    }, this.#context.connectTimeoutMs);
    socket.connect(port, host);
  }

  /** Sends a frame now; false where there is nobody to send it to. */
  send(frame: ClientFrame, payload?: Uint8Array): boolean {
    if (!this.#isJoined || this.#connection === null) return false;
    this.#connection.send(frame, payload);
    return true;
  }

  /** Sends this server's pieces of a push as the line takes them. Without a connection it goes out with the retained ones. */
  push(push: RetainedPush): void {
    if (!this.#isJoined) return;
    this.#queue.add(push);
    this.#pump();
  }

  /** More is known of a push. */
  filled(): void {
    this.#pump();
  }

  /** Says, behind all pushes so far, that they were all of the round. */
  handedIn(round: number, times: RoundTimes): void {
    if (!this.#isJoined) return;
    this.#queue.addTimes({ type: 'round-times', round, times });
    this.#pump();
  }

  /** Asks the server to add up the ranges of these servers as well; says so once a connection. */
  takeOver(servers: readonly number[]): void {
    const asked = servers.join();
    if (asked === this.#asked || !this.send({ type: 'take-over', servers: [...servers] })) return;
    this.#asked = asked;
  }

  /** The round is committed: what is still queued of it is of no use. */
  committed(round: number): void {
    this.#queue.dropUpTo(round);
  }

  /** Says goodbye. */
  leave(): void {
    this.#isStopped = true;
    if (this.send({ type: 'leave' })) this.#connection?.end();
    else this.stop();
  }

  /** Closes for good. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#connection?.destroy(null);
  }

  #handle(connection: Connection<ServerFrame, ClientFrame>, frame: ServerFrame): void {
    const { identity } = this.#context;
    switch (frame.type) {
      case 'hello': {
        const { token, workerId } = identity;
        const mac = token === null ? '' : macOf(token, frame.nonce, workerId);
        return connection.send({ type: 'authenticate', workerId, mac });
      }
      case 'welcome': {
        const { runId, incarnation, lanes } = identity;
        return connection.send({ type: 'join', runId, incarnation, lanes });
      }
      case 'joined':
        return this.#joined();
      case 'ping':
        return connection.send({ type: 'pong', at: frame.at });
      case 'shared':
        return this.#context.logger.debug(
          { server: this.server, ...this.#offer?.answered(frame.segment) },
          'memory-shared',
        );
      case 'pong':
      case 'taken':
        return;
      case 'error':
        if (frame.code === 'refused' || frame.code === 'malformed' || frame.code === 'replaced')
          this.#refusal = frame.message;
        return connection.destroy(new ProtocolFault(frame.code, frame.message));
      case 'participants':
        this.participants = frame.participants;
        this.#queue.takeOver(
          new Set(frame.participants.flatMap(({ takenOver }) => takenOver)),
          this.#context.retained(),
        );
        this.#pump();
        return this.#context.frame(this, frame);
      case 'sole-member-granted':
        this.hasGrantedSoleMember = true;
        return this.#context.frame(this, frame);
      case 'sole-member-end':
      case 'root':
      case 'participant-times':
      case 'state-wanted':
      case 'state-begin':
      case 'state-chunk':
      case 'state-end':
      case 'state-ack':
      case 'state-cancel':
        return this.#context.frame(this, frame);
    }
  }

  #joined(): void {
    clearTimeout(this.#timer);
    this.#isJoined = true;
    this.#asked = '';
    this.#attempt = 0;
    this.#queue.clear();
    const { ready, follow } = this.#context.standing();
    if (ready !== null) this.send({ type: 'ready', round: ready });
    if (follow !== null) this.send({ type: 'follow', round: follow });
    for (const push of this.#context.retained()) this.#queue.add(push);
    if (this.#context.sharesMemory && this.#connection?.isWithinHost) this.#offer = MemoryOffer.make(this.#connection);
    this.#context.joined(this);
    this.#pump();
  }

  #pump(): void {
    if (this.#connection !== null && this.#isJoined) this.#queue.pump(this.#connection);
  }

  #closed(connection: Connection<ServerFrame, ClientFrame>, reason: Error | null): void {
    if (this.#connection !== connection) return;
    const wasJoined = this.#isJoined;
    this.#pastBytes += connection.reader.takenBytes;
    this.#connection = null;
    this.#isJoined = false;
    this.participants = null;
    this.hasGrantedSoleMember = false;
    this.#offer?.end();
    this.#offer = null;
    clearTimeout(this.#timer);
    this.#queue.clear();
    this.#context.logger.debug({ server: this.server, reason: reason?.message ?? null }, 'link-closed');
    if (this.#refusal !== null) {
      this.#isStopped = true;
      this.#context.refused(this, this.#refusal);
      return;
    }
    this.#context.lost(this, reason?.message ?? null, wasJoined);
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => this.start(), backoffMs(this.#attempt));
    this.#attempt += 1;
  }
}

/** Milliseconds to wait before connection attempt `attempt` (from 0): doubling from 50 ms to 1 s, half of it random. */
function backoffMs(attempt: number): number {
  const full = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(attempt, 10));
  return full * (0.5 + 0.5 * Math.random());
}

/** Splits `host:port` or `[ipv6]:port`. */
export function parseAddress(address: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(address);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || !(port > 0 && port < 65_536)) throw new RangeError(`expected host:port, got ${address}`);
  return { host, port };
}
