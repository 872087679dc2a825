import { EventEmitter } from 'node:events';
import { Pipe } from '../world/network.js';
import type { Belonging, SimulatedProcess } from '../world/simulated-process.js';
import { currentProcess, currentWorld, type World } from '../world/world.js';
import { SendWindow } from './send-window.js';

interface OnRead {
  buffer(): Uint8Array;
  callback(count: number, buffer: Uint8Array): boolean;
}

type Segment =
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' }
  | { readonly kind: 'reset' }
  /** The other side has accepted. */
  | { readonly kind: 'accepted'; readonly peer: Socket };

const HIGH_WATER_BYTES = 16 * 1024;

export class SocketError extends Error {
  constructor(readonly code: string) {
    super(`socket: ${code}`);
  }
}

/** The part of a socket that production code uses. */
export class Socket extends EventEmitter implements Belonging {
  remoteAddress: string | undefined = '127.0.0.1';
  remotePort: number | undefined;
  destroyed = false;
  readonly #world: World;
  readonly #process: SimulatedProcess;
  readonly #onRead: OnRead | undefined;
  #out: Pipe<Segment> | null = null;
  #peer: Socket | null = null;
  readonly #window = new SendWindow();
  #isFlushing = false;
  #needsDrain = false;
  #hasEnded = false;
  #hasSentEnd = false;
  #peerHasEnded = false;

  constructor(options: { readonly onread?: OnRead } = {}) {
    super();
    this.#world = currentWorld();
    this.#process = currentProcess();
    this.#onRead = options.onread;
    this.#process.belongings.add(this);
  }

  get writableLength(): number {
    return this.#window.pendingBytes;
  }

  get writable(): boolean {
    return !this.destroyed && !this.#hasEnded;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  cork(): void {}

  uncork(): void {}

  connect(port: number, _host?: string): this {
    const route = { from: this.#process.name, to: `port ${port}` };
    const known = this.#world.listeners.get(port);
    if (known !== undefined) route.to = known.process.name;
    this.remotePort = port;
    const knock = new Pipe<null>(this.#world.network, route, this.#process, () => {
      const listener = this.#world.listeners.get(port);
      if (listener === undefined) this.#fail('ECONNREFUSED');
      // A connection that was given up meanwhile is still accepted: the server learns later.
      else this.#world.clock.schedule(listener.process, 0, () => listener.accept(this.#process, this));
    });
    knock.send(null);
    // A repeated first packet that both come through: the server sees two connections, this end keeps the first.
    if (this.#world.random.chance(0.05)) knock.send(null);
    return this;
  }

  /** @internal the accepting end, made in the server's process */
  static accepted(client: Socket): Socket {
    const socket = new Socket();
    socket.#join(client);
    socket.#out?.send({ kind: 'accepted', peer: socket });
    return socket;
  }

  #join(peer: Socket): void {
    this.#peer = peer;
    this.remotePort ??= 50_000;
    const route = { from: this.#process.name, to: peer.#process.name };
    this.#out = new Pipe<Segment>(this.#world.network, route, peer.#process, (segment) => peer.#arrived(segment, this));
    this.#flushSoon();
  }

  write(bytes: Uint8Array, flushed?: (error?: Error) => void): boolean {
    if (!this.writable) {
      this.#later(() => flushed?.(new SocketError('EPIPE')), 0);
      return false;
    }
    this.#window.add({ bytes, flushed });
    this.#flushSoon();
    this.#needsDrain ||= this.writableLength >= HIGH_WATER_BYTES;
    return !this.#needsDrain;
  }

  end(): this {
    if (this.#hasEnded || this.destroyed) return this;
    this.#hasEnded = true;
    this.#flushSoon();
    return this;
  }

  destroy(error?: Error): this {
    if (this.destroyed) return this;
    this.#close(error);
    this.#out?.send({ kind: this.#hasSentEnd ? 'reset' : 'end' });
    return this;
  }

  /** Somebody on the way ends the connection: both sides learn of it. */
  cut(): void {
    if (this.destroyed) return;
    this.#out?.send({ kind: 'reset' });
    this.#fail('ECONNRESET');
  }

  /** The process died. Its kernel has what was flushed, and says goodbye, unless the machine is gone too. */
  lost(isSilent: boolean): void {
    this.destroyed = true;
    const pipe = this.#out;
    if (pipe === null) return;
    if (isSilent) {
      pipe.dropLast(this.#world.random.int(0, pipe.numUnderWay));
      pipe.isClosed = this.#world.random.chance(0.5);
    } else pipe.send({ kind: this.#world.random.chance(0.5) ? 'end' : 'reset' });
  }

  #flushSoon(): void {
    if (this.#isFlushing || this.#out === null) return;
    this.#isFlushing = true;
    this.#later(() => this.#flush(), this.#world.random.next() ** 3);
  }

  /** Takes bytes from where they lie now, not from where they lay at the write: memory reused too early shows. */
  #flush(): void {
    this.#isFlushing = false;
    const pipe = this.#out;
    if (this.destroyed || pipe === null) return;
    const writes = this.#window.take();
    for (const write of writes) for (const bytes of this.#cut(write.bytes)) pipe.send({ kind: 'data', bytes });
    if (this.#window.isEmpty && this.#hasEnded && !this.#hasSentEnd) {
      this.#hasSentEnd = true;
      pipe.send({ kind: 'end' });
    }
    for (const write of writes) write.flushed?.();
    if (this.#needsDrain && this.writableLength === 0) {
      this.#needsDrain = false;
      this.emit('drain');
    }
    if (this.#peerHasEnded && this.#hasSentEnd) this.#close();
  }

  /** A stream keeps no boundaries. */
  #cut(bytes: Uint8Array): Uint8Array[] {
    const copy = Uint8Array.from(bytes);
    if (bytes.length < 2 || !this.#world.random.chance(0.1)) return [copy];
    const at = this.#world.random.int(1, bytes.length - 1);
    return [copy.subarray(0, at), copy.subarray(at)];
  }

  #arrived(segment: Segment, from: Socket | null): void {
    if (segment.kind === 'accepted') {
      if (this.destroyed || this.#out !== null) {
        segment.peer.answered({ kind: 'reset' });
        return;
      }
      this.#join(segment.peer);
      this.emit('connect');
      return;
    }
    // Of the second connection that a repeated first packet made: it was answered with a reset.
    if (from !== null && from !== this.#peer) return;
    if (segment.kind === 'data') this.#peer?.wasRead(segment.bytes.length);
    if (this.destroyed) {
      if (segment.kind === 'data') this.#peer?.answered({ kind: 'reset' });
      return;
    }
    switch (segment.kind) {
      case 'data':
        return this.#receive(segment.bytes);
      case 'end':
        this.#peerHasEnded = true;
        this.emit('end');
        this.end();
        if (this.#hasSentEnd) this.#close();
        return;
      case 'reset':
        return this.#fail('ECONNRESET');
    }
  }

  /** @internal an answer of the kernel at the other end: it takes its way too. */
  answered(segment: Segment): void {
    const delayMs = this.#world.random.between(0.1, 2);
    this.#world.clock.schedule(this.#process, delayMs, () => this.#arrived(segment, null));
  }

  /** @internal the other end has taken in so much */
  wasRead(count: number): void {
    this.#window.wasRead(count);
    if (!this.#window.isEmpty) this.#flushSoon();
  }

  #receive(bytes: Uint8Array): void {
    if (this.#onRead === undefined) {
      this.emit('data', Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
      return;
    }
    for (let from = 0; from < bytes.length && !this.destroyed;) {
      const target = this.#onRead.buffer();
      const count = Math.min(target.length, bytes.length - from);
      target.set(bytes.subarray(from, from + count));
      from += count;
      this.#onRead.callback(count, target);
    }
  }

  #fail(code: string): void {
    if (this.destroyed) return;
    this.#close(new SocketError(code));
  }

  #close(error?: Error): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.#process.belongings.delete(this);
    const unsent = this.#window.clear();
    this.#later(() => {
      for (const { flushed } of unsent) flushed?.(new SocketError('ECONNRESET'));
      if (error !== undefined) this.emit('error', error);
      this.emit('close', error !== undefined);
    }, 0);
  }

  #later(task: () => void, delayMs: number): void {
    this.#world.clock.schedule(this.#process, delayMs, task);
  }
}
