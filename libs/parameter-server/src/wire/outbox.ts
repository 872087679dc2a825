import type { Socket } from 'node:net';
import type { RingWriter } from '../shared-memory/payload-ring.js';
import { asShared } from './frame-codec.js';
import { ProtocolFault } from './protocol-fault.js';

interface Entry {
  /** Prefix and header. */
  readonly header: Uint8Array;
  readonly payload: Uint8Array | undefined;
  readonly flushed: (() => void) | undefined;
}

/**
 * What a connection sends, in order. Headers go through the socket; payloads do as well, or through a ring in shared
 * memory once there is one. What finds no room in the ring waits, and so does all that comes after it.
 */
export class Outbox {
  readonly #socket: Socket;
  #ring: RingWriter | null = null;
  #waiting: Entry[] = [];
  #waitingBytes = 0;
  #sharedBytes = 0;
  #isCorked = false;
  #drained: () => void = () => undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('drain', () => this.#drained());
  }

  /** Bytes neither taken by the operating system nor in the ring. */
  get queuedBytes(): number {
    return this.#socket.writableLength + this.#waitingBytes;
  }

  /** Bytes that went into the ring. */
  get sharedBytes(): number {
    return this.#sharedBytes;
  }

  /** Calls back once what was queued is on its way. */
  onDrain(callback: () => void): void {
    this.#drained = callback;
  }

  /** Payloads go through the ring from here on. */
  useRing(ring: RingWriter): void {
    this.#ring = ring;
  }

  get usesRing(): boolean {
    return this.#ring !== null;
  }

  /** The other end has taken so many payloads from the ring. */
  taken(count: number): void {
    if (this.#ring === null) throw new ProtocolFault('malformed', `${count} payloads taken, and none was shared`);
    this.#ring.taken(count);
    if (this.#waiting.length === 0) return;
    for (let next = this.#waiting[0]; next !== undefined && this.#hasRoomFor(next); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#waitingBytes -= next.payload?.length ?? 0;
      this.#write(next);
    }
    if (this.#waiting.length === 0) this.#drained();
  }

  send(entry: Entry): void {
    if (this.#waiting.length === 0 && this.#hasRoomFor(entry)) return this.#write(entry);
    this.#waiting.push(entry);
    this.#waitingBytes += entry.payload?.length ?? 0;
  }

  /** Sends a word that belongs nowhere in the order: two that wait for room in each other's ring would wait for ever. */
  sendAhead(header: Uint8Array): void {
    this.#writeSoon(header);
  }

  /** Sends what waits and ends the socket: payloads that find no room in the ring go through the socket after all. */
  end(): void {
    this.#ring = null;
    const late = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const entry of late) this.#write(entry);
    this.#socket.end();
  }

  /** Forgets what waits. */
  clear(): void {
    const forgotten = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const { flushed } of forgotten) flushed?.();
  }

  #hasRoomFor({ payload }: Entry): boolean {
    return payload === undefined || this.#ring === null || this.#ring.hasRoom;
  }

  #write({ header, payload, flushed }: Entry): void {
    if (payload === undefined) {
      this.#socket.write(header, flushed);
    } else if (this.#ring === null) {
      this.#socket.cork();
      this.#socket.write(header);
      this.#socket.write(payload, flushed);
      this.#socket.uncork();
    } else {
      this.#ring.write(payload);
      this.#sharedBytes += payload.length;
      this.#writeSoon(asShared(header));
      flushed?.();
    }
  }

  /** One system call for all headers of a turn of the event loop. */
  #writeSoon(header: Uint8Array): void {
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#socket.cork();
      process.nextTick(() => {
        this.#isCorked = false;
        this.#socket.uncork();
      });
    }
    this.#socket.write(header);
  }
}
