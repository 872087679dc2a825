import type { Socket } from 'node:net';
import { encodeHeader, FrameReader, type FrameHandler } from './frame-codec.js';
import type { FaultCode } from './frame.schema.js';
import { freeMemory } from '#vectors';
import { RingReader, RingWriter, type RingPlace } from '../shared-memory/payload-ring.js';
import type { SharedSegment } from '../shared-memory/shared-segment.js';
import { Outbox } from './outbox.js';
import { ProtocolFault } from './protocol-fault.js';

/** How long an ended connection may take to drain its last frame. */
const GOODBYE_MS = 1_000;

const SMALL_READ_BYTES = 8_192;

export interface ConnectionOptions<Frame> extends Omit<FrameHandler<Frame>, 'fromRing'> {
  /** A peer silent for so long is given up; pings go out five times as often. Milliseconds. */
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
  | { type: 'taken'; payloads: number }
  | { type: 'error'; code: FaultCode; message: string };

/**
 * Frames over one socket, with liveness both ways and a bound on what waits to be sent.
 *
 * Costs one copy per received payload (none when the socket reads into `reader.target()`), none per sent one: header
 * and payload are two buffers of one writev. Between two processes of a host payloads may go through a segment that both
 * have mapped (`share`): one copy into it and one out of it, a tenth of what the kernel takes for the same bytes.
 */
export class Connection<Incoming extends { type: string }, Outgoing extends { type: string }> {
  readonly reader: FrameReader<Incoming>;
  readonly #socket: Socket;
  readonly #options: ConnectionOptions<Incoming>;
  readonly #outbox: Outbox;
  readonly #heartbeat: NodeJS.Timeout;
  #segment: SharedSegment | null = null;
  #incomingRing: RingReader | null = null;
  #takenBytes = 0;
  #lastHeardAt = performance.now();
  #state: 'open' | 'ending' | 'closed' = 'open';
  #reason: Error | null = null;

  constructor(socket: Socket, options: ConnectionOptions<Incoming>) {
    this.#socket = socket;
    this.#outbox = new Outbox(socket);
    this.#options = options;
    this.reader = new FrameReader<Incoming>({
      schema: options.schema,
      headerLimit: () => options.headerLimit(),
      destination: (frame, payloadBytes) => options.destination(frame, payloadBytes),
      fromRing: (target) => this.#takeFromRing(target),
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
    return this.#outbox.usesRing;
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

  /** Payloads that come may lie in the segment from here on. The connection owns it now. */
  share(segment: SharedSegment, incoming: RingPlace): void {
    this.#segment = segment;
    this.#incomingRing = new RingReader(segment, incoming);
    if (this.#state === 'closed') segment.close();
  }

  /** The other end has the segment, too: payloads are sent through it from here on. */
  sendThroughSegment(outgoing: RingPlace): void {
    if (this.#segment !== null) this.#outbox.useRing(new RingWriter(this.#segment, outgoing));
  }

  /** Runs a step of the reader; what it throws ends the connection. */
  take(step: () => void): void {
    this.#lastHeardAt = performance.now();
    if (this.#state !== 'open') return;
    try {
      step();
    } catch (error) {
      this.fail(error instanceof ProtocolFault ? error : new ProtocolFault('refused', String(error), { cause: error }));
    }
  }

  /** Sends a frame. `payload` is borrowed until `flushed` is called, which happens exactly once, sent or not. */
  send(frame: Outgoing | LivenessFrame, payload?: Uint8Array, flushed?: () => void): void {
    this.sendEncoded(encodeHeader(frame, payload?.length ?? 0), payload, flushed);
  }

  /** The same with prefix and header already encoded, for broadcasts. */
  sendEncoded(header: Uint8Array, payload?: Uint8Array, flushed?: () => void): void {
    if (this.#state !== 'open' || !this.#socket.writable) {
      flushed?.();
      return;
    }
    this.#outbox.send({ header, payload: payload?.length === 0 ? undefined : payload, flushed });
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
    if (isTaken(frame)) this.#outbox.taken(frame.payloads);
    else this.#options.frame(frame);
  }

  #takeFromRing(target: Uint8Array): void {
    const ring = this.#incomingRing;
    if (ring === null) throw new ProtocolFault('malformed', 'a payload in shared memory, and there is none');
    ring.read(target);
    this.#takenBytes += target.length;
    const payloads = ring.takeNews();
    if (payloads > 0 && this.#socket.writable)
      this.#outbox.sendAhead(encodeHeader({ type: 'taken', payloads } satisfies LivenessFrame, 0));
  }

  #beat(): void {
    const silentMs = performance.now() - this.#lastHeardAt;
    if (silentMs > this.#options.patienceMs) {
      this.destroy(new ProtocolFault('silent', `nothing heard from the peer for ${Math.round(silentMs)} ms`));
    } else {
      this.send({ type: 'ping', at: Date.now() });
    }
  }

  #close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearInterval(this.#heartbeat);
    this.#outbox.clear();
    this.#segment?.close();
    this.#options.closed(this.#reason);
  }
}

const isTaken = (frame: { readonly type: string }): frame is { readonly type: 'taken'; readonly payloads: number } =>
  frame.type === 'taken';
