import type { Socket } from 'node:net';
import type { PayloadPath } from '../shared-memory/payload-path.js';
import type { Place } from '../shared-memory/slots.js';
import { bytesOf, ChunkBuffers } from './chunk-buffers.js';
import { placedAt } from './frame-codec.js';
import type { Payload } from './payload.js';
import { ProtocolFault } from './protocol-fault.js';

/** What is to be sent. */
export interface OutgoingFrame {
  /** Prefix and header. */
  readonly header: Uint8Array;
  readonly payload: Payload | undefined;
  /** Where the payload lies in shared memory already. */
  readonly place: Place | null;
  /** The payload may be overwritten. */
  readonly flushed: (() => void) | undefined;
  /** It overtakes what waits and is not urgent. */
  readonly isUrgent: boolean;
}

/** Bytes handed to the socket ahead of the line: what is urgent waits for no more than these. */
const LINE_BYTES = 4 * 2 ** 20;

/**
 * What a connection sends, in order. Headers go through the socket; payloads do as well, or through shared memory once
 * there is a path for them. What finds no room waits, and so does all that comes after it and is not more urgent.
 */
export class Outbox {
  readonly #socket: Socket;
  readonly #buffers = new ChunkBuffers();
  #path: PayloadPath | null = null;
  #isEnding = false;
  #waiting: OutgoingFrame[] = [];
  #waitingBytes = 0;
  #handedBytes = 0;
  #sharedBytes = 0;
  #isCorked = false;
  #drained: () => void = () => undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('drain', () => this.#goOn());
  }

  /** Bytes that the operating system has not taken, that were handed over in this turn of the event loop, or are lent. */
  get queuedBytes(): number {
    return this.#socket.writableLength + this.#waitingBytes + this.#handedBytes + (this.#path?.lentBytes ?? 0);
  }

  /** Bytes that went through shared memory. */
  get sharedBytes(): number {
    return this.#sharedBytes;
  }

  /** Calls back once what was queued is on its way. */
  onDrain(callback: () => void): void {
    this.#drained = callback;
  }

  /** Payloads go by the path from here on. */
  usePath(path: PayloadPath): void {
    this.#path = path;
  }

  get usesPath(): boolean {
    return this.#path !== null;
  }

  /** The other end has taken the payloads in these slots. */
  taken(slots: readonly number[]): void {
    if (this.#path === null) throw new ProtocolFault('malformed', 'payloads taken, and none was shared');
    this.#path.taken(slots);
    if (this.#waiting.length > 0) this.#goOn();
  }

  send(frame: OutgoingFrame): void {
    if (this.#waiting.length === 0 && this.#hasRoomFor(frame)) return this.#write(frame);
    const at = frame.isUrgent ? this.#waiting.findIndex(({ isUrgent }) => !isUrgent) : -1;
    this.#waiting.splice(at === -1 ? this.#waiting.length : at, 0, frame);
    this.#waitingBytes += frame.payload?.length ?? 0;
  }

  /** Sends a word that belongs nowhere in the order: two that wait for room in each other's memory would wait for ever. */
  sendAhead(header: Uint8Array): void {
    this.#writeSoon(header);
  }

  /** Sends what waits and ends the socket: payloads that find no room go through the socket after all. */
  end(): void {
    this.#isEnding = true;
    const late = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const frame of late) this.#write(frame);
    this.#socket.end();
  }

  /** Forgets what waits. */
  clear(): void {
    const forgotten = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const { flushed } of forgotten) flushed?.();
  }

  /** There is room again. */
  #goOn(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#hasRoomFor(next); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#waitingBytes -= next.payload?.length ?? 0;
      this.#write(next);
    }
    if (this.#waiting.length === 0) this.#drained();
  }

  #hasRoomFor({ payload }: OutgoingFrame): boolean {
    if (payload === undefined || this.#isEnding) return true;
    return this.#socket.writableLength < LINE_BYTES && (this.#path?.hasRoom ?? true);
  }

  #write({ header, payload, place, flushed }: OutgoingFrame): void {
    if (payload === undefined) {
      this.#socket.write(header, flushed);
      return;
    }
    const path = this.#isEnding ? null : this.#path;
    const handed = path?.hand({ payload, place, flushed: flushed ?? (() => undefined) }) ?? null;
    if (handed === null) {
      this.#socket.cork();
      this.#socket.write(header);
      this.#writePayload(payload, flushed);
      this.#socket.uncork();
      return;
    }
    this.#sharedBytes += payload.length;
    this.#writeSoon(placedAt(header, handed));
    if (this.#handedBytes === 0) setImmediate(() => this.#nextTurn());
    this.#handedBytes += payload.length;
  }

  /** What is made is made in memory of its own: what it is made of may be overwritten at once. */
  #writePayload(payload: Payload, flushed: (() => void) | undefined): void {
    if (payload instanceof Uint8Array) {
      this.#socket.write(payload, flushed);
      return;
    }
    const buffer = this.#buffers.take(Math.ceil(payload.length / 2));
    const bytes = bytesOf(buffer).subarray(0, payload.length);
    payload.make(bytes);
    flushed?.();
    this.#socket.write(bytes, () => this.#buffers.giveBack(buffer));
  }

  /** Whoever has much to send goes on, after the other end had a chance to begin with it. */
  #nextTurn(): void {
    this.#handedBytes = 0;
    this.#drained();
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
