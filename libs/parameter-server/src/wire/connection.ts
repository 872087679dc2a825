import type { Socket } from 'node:net';
import { encodeHeader, FrameReader, type FrameHandler } from './frame-codec.js';
import type { FaultCode } from './frame.schema.js';
import { freeMemory } from '#vectors';
import { ProtocolFault } from './protocol-fault.js';

/** How long an ended connection may take to drain its last frame. */
const GOODBYE_MS = 1_000;

export interface ConnectionOptions<Frame> extends FrameHandler<Frame> {
  /** A peer silent for so long is given up; pings go out five times as often. Milliseconds. */
  readonly patienceMs: number;
  /** Bytes that may wait for a slow reader before it is given up. */
  readonly maxQueuedBytes: number;
  /** Called once. The reason is null where the peer closed in good order. */
  closed(reason: Error | null): void;
}

/** Bytes that went over a line, headers included. */
export interface Traffic {
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

/** Frames both ends may send at any time after the handshake, and the one that says why a connection ends. */
type LivenessFrame = { type: 'ping' | 'pong'; at: number } | { type: 'error'; code: FaultCode; message: string };

/**
 * Frames over one socket, with liveness both ways and a bound on what waits to be sent.
 *
 * Costs one copy per received payload (none when the socket reads into `reader.target()`), none per sent one: header
 * and payload are two buffers of one writev.
 */
export class Connection<Incoming extends { type: string }, Outgoing extends { type: string }> {
  readonly reader: FrameReader<Incoming>;
  readonly #socket: Socket;
  readonly #options: ConnectionOptions<Incoming>;
  readonly #heartbeat: NodeJS.Timeout;
  #lastHeardAt = performance.now();
  #state: 'open' | 'ending' | 'closed' = 'open';
  #reason: Error | null = null;

  constructor(socket: Socket, options: ConnectionOptions<Incoming>) {
    this.#socket = socket;
    this.#options = options;
    this.reader = new FrameReader<Incoming>({
      schema: options.schema,
      headerLimit: () => options.headerLimit(),
      destination: (frame, payloadBytes) => options.destination(frame, payloadBytes),
      frame: (frame) => this.#received(frame),
    });
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.take(() => this.reader.feed(chunk));
      freeMemory(chunk);
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

  /** Bytes handed over and not yet taken by the operating system. */
  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  /** Bytes that came and went, all told. */
  get traffic(): Traffic {
    return { receivedBytes: this.#socket.bytesRead, sentBytes: this.#socket.bytesWritten };
  }

  /** Calls back once the queue has been emptied. */
  onDrain(callback: () => void): void {
    this.#socket.on('drain', callback);
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
    if (payload === undefined || payload.length === 0) {
      this.#socket.write(header, flushed);
    } else {
      this.#socket.cork();
      this.#socket.write(header);
      this.#socket.write(payload, flushed);
      this.#socket.uncork();
    }
    if (this.#socket.writableLength > this.#options.maxQueuedBytes) {
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
    this.#socket.end();
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
    this.#options.frame(frame);
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
    this.#options.closed(this.#reason);
  }
}
