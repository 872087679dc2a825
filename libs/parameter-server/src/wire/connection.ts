import type { Socket } from 'node:net';
import { encodeHeader, FrameReader, type FrameHandler } from './frame-codec.js';
import { isOfState, type FaultCode } from './frame.schema.js';
import { freeMemory } from '#vectors';
import { IncomingSlots, type HeldPayload } from '../shared-memory/incoming-slots.js';
import type { PayloadPath } from '../shared-memory/payload-path.js';
import type { Payload } from './payload.js';
import type { Place, Slots } from '../shared-memory/slots.js';
import { Outbox, type OutgoingFrame } from './outbox.js';
import { ProtocolFault } from './protocol-fault.js';
import { Silence } from './silence.js';

/** How long an ended connection may take to drain its last frame. */
const GOODBYE_MS = 1_000;

const SMALL_READ_BYTES = 8_192;

export interface ConnectionOptions<Frame> extends Omit<FrameHandler<Frame>, 'inPlace' | 'copyOut'> {
  /** A payload lies in shared memory, and stays there where this takes it by `hold`. Default: it is copied out. */
  readonly inPlace?: FrameHandler<Frame>['inPlace'];
  /** A peer silent for so long is given up, on a slow line later (`Silence`); pings go out five times as often. Milliseconds. */
  readonly patienceMs: number;
  /** Bytes that may wait for a slow reader before it is given up. */
  readonly maxQueuedBytes: number;
  /** Called once. The reason is null where the peer closed in good order. */
  closed(reason: Error | null): void;
}

/** Bytes that came and went, headers included. */
export interface Traffic {
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** Those of both that went through shared memory. */
  readonly sharedBytes: number;
}

/** Frames both ends may send at any time after the handshake, and the one that says why a connection ends. */
type LivenessFrame =
  | { type: 'ping' | 'pong'; at: number }
  | { type: 'taken'; slots: number[] }
  | { type: 'error'; code: FaultCode; message: string };

/**
 * Frames over one socket, with liveness both ways and a bound on what waits to be sent.
 *
 * Costs one copy per received payload (none when the socket reads into `reader.target()`), none per sent one: header
 * and payload are two buffers of one writev. Between two processes of a host payloads may lie in memory that both have
 * mapped: `receiveFrom` and `sendBy`.
 */
export class Connection<Incoming extends { type: string }, Outgoing extends { type: string }> {
  readonly reader: FrameReader<Incoming>;
  readonly #socket: Socket;
  readonly #options: ConnectionOptions<Incoming>;
  readonly #outbox: Outbox;
  readonly #heartbeat: NodeJS.Timeout;
  #path: PayloadPath | null = null;
  #incoming: IncomingSlots | null = null;
  #takenBytes = 0;
  readonly #silence: Silence;
  #state: 'open' | 'ending' | 'closed' = 'open';
  #reason: Error | null = null;

  constructor(socket: Socket, options: ConnectionOptions<Incoming>) {
    this.#socket = socket;
    this.#outbox = new Outbox(socket);
    this.#silence = new Silence(options.patienceMs, performance.now());
    this.#options = options;
    this.reader = new FrameReader<Incoming>({
      schema: options.schema,
      headerLimit: () => options.headerLimit(),
      destination: (frame, payloadBytes) => options.destination(frame, payloadBytes),
      inPlace: (frame, payloadBytes, place) => options.inPlace?.(frame, payloadBytes, place) ?? false,
      copyOut: (target, place) => {
        this.readFrom(place, target.length, (bytes) => target.set(bytes));
      },
      frame: (frame) => this.#received(frame),
    });
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.take(() => this.reader.feed(chunk));
      // What is small costs more to give back than to collect.
      if (chunk.length > SMALL_READ_BYTES) freeMemory(chunk);
    });
    socket.on('error', (cause) => {
      this.#reason ??= cause;
    });
    socket.on('close', () => this.#close());
    this.#heartbeat = setInterval(() => this.#beat(), options.patienceMs / 5);
    this.#heartbeat.unref();
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Both ends have one address: they may be processes of one host. */
  get isWithinHost(): boolean {
    const { localAddress, remoteAddress } = this.#socket;
    return localAddress !== undefined && localAddress === remoteAddress;
  }

  /** What is sent goes through memory that both ends have. */
  get sharesMemory(): boolean {
    return this.#outbox.usesPath;
  }

  /** Bytes handed over and not yet on their way. */
  get queuedBytes(): number {
    return this.#outbox.queuedBytes;
  }

  /** Bytes that came and went, all told. */
  get traffic(): Traffic {
    const [taken, given] = [this.#takenBytes, this.#outbox.sharedBytes];
    const { bytesRead, bytesWritten } = this.#socket;
    return { receivedBytes: bytesRead + taken, sentBytes: bytesWritten + given, sharedBytes: taken + given };
  }

  /** Calls back once the queue has been emptied. */
  onDrain(callback: () => void): void {
    this.#outbox.onDrain(callback);
  }

  /** Payloads that come may lie in these slots from here on. The connection owns them now. */
  receiveFrom(slots: Slots): void {
    this.#incoming = new IncomingSlots(slots, (taken) => {
      if (this.#socket.writable)
        this.#outbox.sendAhead(encodeHeader({ type: 'taken', slots: [...taken] } satisfies LivenessFrame, 0));
    });
    if (this.#state === 'closed') this.#incoming.close();
  }

  /** Leaves a payload in its slot; null where it must be copied out. It may be used beyond the end of the connection. */
  hold(place: Place, payloadBytes: number): HeldPayload | null {
    const held = this.#slots().hold(place, payloadBytes);
    if (held !== null) this.#takenBytes += payloadBytes;
    return held;
  }

  /** Reads a payload in its slot, which is the other end's again afterwards. `read` may have read what was not its payload where this throws. */
  readFrom(place: Place, payloadBytes: number, read: (bytes: Uint8Array) => void): void {
    this.#slots().read(place, payloadBytes, read);
    this.#takenBytes += payloadBytes;
  }

  /** Payloads go by this path once the other end has what it needs for it. The connection owns it now. */
  offer(path: PayloadPath): void {
    this.#path = path;
    if (this.#state === 'closed') path.close();
  }

  /** Payloads are sent by the path that was offered from here on. */
  useOffered(): void {
    if (this.#path !== null) this.#outbox.usePath(this.#path);
  }

  /** Runs a step of the reader; what it throws ends the connection. */
  take(step: () => void): void {
    this.#silence.heard(performance.now());
    if (this.#state !== 'open') return;
    try {
      step();
    } catch (error) {
      this.fail(error instanceof ProtocolFault ? error : new ProtocolFault('refused', String(error), { cause: error }));
    }
  }

  /** Sends a frame. `payload`, or what it is made of, is borrowed until `flushed` is called, exactly once, sent or not. */
  send(frame: Outgoing | LivenessFrame, payload?: Payload, flushed?: () => void): void {
    const header = encodeHeader(frame, payload?.length ?? 0);
    this.sendEncoded({ header, payload, place: null, flushed, isUrgent: isOfState(frame) });
  }

  /** The same with prefix and header already encoded, for broadcasts. */
  sendEncoded(frame: OutgoingFrame): void {
    if (this.#state !== 'open' || !this.#socket.writable) {
      frame.flushed?.();
      return;
    }
    this.#outbox.send(frame.payload?.length === 0 ? { ...frame, payload: undefined } : frame);
    if (this.queuedBytes > this.#options.maxQueuedBytes) {
      this.destroy(
        new ProtocolFault(
          'overloaded',
          `peer reads too slowly: more than ${this.#options.maxQueuedBytes} bytes are waiting`,
        ),
      );
    }
  }

  /** Tells the peer what is wrong, then closes. */
  fail(fault: ProtocolFault): void {
    if (this.#state !== 'open') return;
    this.#reason ??= fault;
    this.send({ type: 'error', code: fault.code, message: fault.message.slice(0, 2_000) });
    this.end();
  }

  /** Sends what is queued, then closes. What still arrives is thrown away: unread bytes would reset the connection. */
  end(): void {
    if (this.#state !== 'open') return;
    this.#state = 'ending';
    this.#outbox.end();
    setTimeout(() => this.#socket.destroy(), GOODBYE_MS).unref();
  }

  /** Closes at once. */
  destroy(reason: Error | null): void {
    this.#reason ??= reason;
    if (this.#state === 'open') this.#state = 'ending';
    this.#socket.destroy();
  }

  #received(frame: Incoming): void {
    if (this.#state !== 'open') return;
    if (isTaken(frame)) return this.#outbox.taken(frame.slots);
    if (isPong(frame)) this.#silence.answered(frame.at);
    this.#options.frame(frame);
  }

  #slots(): IncomingSlots {
    if (this.#incoming === null) throw new ProtocolFault('malformed', 'a payload in shared memory, and there is none');
    return this.#incoming;
  }

  #beat(): void {
    const now = performance.now();
    const silentMs = this.#silence.tooLong(now);
    if (silentMs !== null) {
      this.destroy(new ProtocolFault('silent', `nothing heard from the peer for ${Math.round(silentMs)} ms`));
    } else {
      this.#silence.asked(now);
      this.send({ type: 'ping', at: now });
    }
  }

  #close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearInterval(this.#heartbeat);
    this.#outbox.clear();
    this.#path?.close();
    this.#incoming?.close();
    this.#options.closed(this.#reason);
  }
}

const isPong = (frame: { readonly type: string }): frame is { readonly type: 'pong'; readonly at: number } =>
  frame.type === 'pong';

const isTaken = (frame: {
  readonly type: string;
}): frame is { readonly type: 'taken'; readonly slots: readonly number[] } => frame.type === 'taken';
