import { z } from 'zod';
import { PROTOCOL_VERSION } from './frame.schema.js';
import type { Place } from '../shared-memory/slots.js';
import { ProtocolFault } from './protocol-fault.js';

/**
 * A frame is a prefix of 20 bytes, a JSON header and a payload:
 *
 *   0  magic 'SKPL'          4  version, u16           6  place, u16
 *   8  header bytes, u32    12  payload bytes, u32    16  generation, u32
 *
 * The payload follows the header (place 0) or lies in a slot of the sender's shared memory (place 1 + slot), for as long as
 * the slot has that generation. Integers and fp32 payloads are little-endian.
 */
const PREFIX_BYTES = 20;
const MAGIC = 0x534b504c;
const PLACE_AT = 6;
const GENERATION_AT = 16;
const IN_LINE = 0;

/** A reader takes in so much at once, but for payloads that it reads to where they belong. */
const GULP_BYTES = 16_384;

/** Prefix and header of a frame; the payload is written after it, from where it lies. */
export function encodeHeader(frame: object, payloadBytes: number): Buffer {
  const json = JSON.stringify(frame);
  const headerBytes = Buffer.byteLength(json);
  const bytes = Buffer.allocUnsafe(PREFIX_BYTES + headerBytes);
  bytes.writeUInt32BE(MAGIC, 0);
  bytes.writeUInt16LE(PROTOCOL_VERSION, 4);
  bytes.writeUInt16LE(IN_LINE, PLACE_AT);
  bytes.writeUInt32LE(headerBytes, 8);
  bytes.writeUInt32LE(payloadBytes, 12);
  bytes.writeUInt32LE(0, GENERATION_AT);
  bytes.write(json, PREFIX_BYTES);
  return bytes;
}

/** The same prefix and header for a payload that lies in shared memory. */
export function placedAt(header: Uint8Array, { slot, generation }: Place): Uint8Array {
  const bytes = Buffer.from(header);
  bytes.writeUInt16LE(slot + 1, PLACE_AT);
  bytes.writeUInt32LE(generation, GENERATION_AT);
  return bytes;
}

/** What a reader does with frames. Anything it throws ends the reading. */
export interface FrameHandler<Frame> {
  readonly schema: z.ZodType<Frame>;
  /** Bytes a header may have now. */
  headerLimit(): number;
  /** Where the payload shall go: exactly `payloadBytes` of memory. Called only where there is a payload. */
  destination(frame: Frame, payloadBytes: number): Uint8Array;
  /** The payload lies in shared memory: true where it stays there or is read from there, and has no destination. */
  inPlace(frame: Frame, payloadBytes: number, place: Place): boolean;
  /** Copies a payload from shared memory to its destination. */
  copyOut(target: Uint8Array, place: Place): void;
  /** The frame is complete. */
  frame(frame: Frame): void;
}

/**
 * Cuts a byte stream into frames. It says where the next bytes belong (`target`) and is told how many came
 * (`advance`), so a socket can read straight into a large payload's memory; `feed` copies instead.
 */
export class FrameReader<Frame> {
  readonly #handler: FrameHandler<Frame>;
  readonly #prefix = Buffer.alloc(PREFIX_BYTES);
  readonly #gulp = new Uint8Array(GULP_BYTES);
  #stage: 'prefix' | 'header' | 'payload' = 'prefix';
  #buffer: Uint8Array = this.#prefix;
  #filled = 0;
  #payloadBytes = 0;
  #takenBytes = 0;
  #place: Place | null = null;
  #frame: Frame | null = null;

  constructor(handler: FrameHandler<Frame>) {
    this.#handler = handler;
  }

  /** Bytes of payloads so far, those of one that is not complete included. */
  get takenBytes(): number {
    return this.#takenBytes;
  }

  /** Where the next bytes are to be read to; never empty. */
  target(): Uint8Array {
    if (!this.#readsToDestination()) return this.#gulp;
    return this.#filled === 0 ? this.#buffer : this.#buffer.subarray(this.#filled);
  }

  /** The first `count` bytes of `target()` have been written. */
  advance(count: number): void {
    if (this.#readsToDestination()) this.#advance(count);
    else this.feed(this.#gulp.subarray(0, count));
  }

  /** Takes bytes that were read elsewhere. */
  feed(chunk: Uint8Array): void {
    let position = 0;
    while (position < chunk.length) {
      const count = Math.min(chunk.length - position, this.#buffer.length - this.#filled);
      this.#buffer.set(chunk.subarray(position, position + count), this.#filled);
      position += count;
      this.#advance(count);
    }
  }

  /** What is left of a large payload is read to where it stays. Many small frames are taken in by one read. */
  #readsToDestination(): boolean {
    return this.#stage === 'payload' && this.#buffer.length - this.#filled >= GULP_BYTES;
  }

  #advance(count: number): void {
    this.#filled += count;
    if (this.#stage === 'payload') this.#takenBytes += count;
    while (this.#filled === this.#buffer.length) this.#next();
  }

  #next(): void {
    if (this.#stage === 'prefix') this.#expectHeader();
    else if (this.#stage === 'header') this.#expectPayload();
    else this.#finish();
  }

  #expect(stage: 'prefix' | 'header' | 'payload', buffer: Uint8Array): void {
    this.#stage = stage;
    this.#buffer = buffer;
    this.#filled = 0;
  }

  #expectHeader(): void {
    if (this.#prefix.readUInt32BE(0) !== MAGIC) {
      throw new ProtocolFault('malformed', 'not a Skiplane frame: it does not begin with SKPL');
    }
    const version = this.#prefix.readUInt16LE(4);
    if (version !== PROTOCOL_VERSION) {
      throw new ProtocolFault('malformed', `frame of protocol version ${version}, expected ${PROTOCOL_VERSION}`);
    }
    const place = this.#prefix.readUInt16LE(PLACE_AT);
    const generation = this.#prefix.readUInt32LE(GENERATION_AT);
    this.#place = place === IN_LINE ? null : { slot: place - 1, generation };
    const headerBytes = this.#prefix.readUInt32LE(8);
    const limit = this.#handler.headerLimit();
    if (headerBytes < 2 || headerBytes > limit) {
      throw new ProtocolFault('malformed', `header of ${headerBytes} bytes, expected 2 to ${limit}`);
    }
    this.#payloadBytes = this.#prefix.readUInt32LE(12);
    this.#expect('header', Buffer.allocUnsafe(headerBytes));
  }

  #expectPayload(): void {
    this.#frame = this.#parse(this.#buffer);
    if (this.#payloadBytes === 0) {
      this.#finish();
      return;
    }
    const place = this.#place;
    if (place !== null && this.#handler.inPlace(this.#frame, this.#payloadBytes, place)) {
      this.#takenBytes += this.#payloadBytes;
      this.#finish();
      return;
    }
    const destination = this.#handler.destination(this.#frame, this.#payloadBytes);
    if (destination.length !== this.#payloadBytes) {
      throw new Error(`destination of ${destination.length} bytes for a payload of ${this.#payloadBytes}`);
    }
    if (place === null) this.#expect('payload', destination);
    else {
      this.#handler.copyOut(destination, place);
      this.#takenBytes += destination.length;
      this.#finish();
    }
  }

  #finish(): void {
    const frame = this.#frame;
    this.#frame = null;
    this.#expect('prefix', this.#prefix);
    if (frame !== null) this.#handler.frame(frame);
  }

  #parse(header: Uint8Array): Frame {
    let json: unknown;
    try {
      json = JSON.parse(Buffer.from(header.buffer, header.byteOffset, header.length).toString());
    } catch (cause) {
      throw new ProtocolFault('malformed', 'the header is not JSON', { cause });
    }
    const result = this.#handler.schema.safeParse(json);
    if (result.success) return result.data;
    throw new ProtocolFault('malformed', `bad header: ${z.prettifyError(result.error).slice(0, 1_000)}`);
  }
}
