import { z } from 'zod';
import { PROTOCOL_VERSION } from './frame.schema.js';
import { ProtocolFault } from './protocol-fault.js';

/**
 * A frame is a prefix of 16 bytes, a JSON header and a payload:
 *
 *   0  magic 'SKPL'    4  version, u16    6  place, u16    8  header bytes, u32    12  payload bytes, u32
 *
 * The payload follows the header (place 0) or lies in the ring in shared memory (place 1), in turn.
 * Integers and fp32 payloads are little-endian.
 */
const PREFIX_BYTES = 16;
const MAGIC = 0x534b504c;
const PLACE_AT = 6;
const IN_LINE = 0;
const IN_RING = 1;

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
  bytes.write(json, PREFIX_BYTES);
  return bytes;
}

/** The same prefix and header for a payload that lies in the ring. */
export function asShared(header: Uint8Array): Uint8Array {
  const bytes = Buffer.from(header);
  bytes.writeUInt16LE(IN_RING, PLACE_AT);
  return bytes;
}

/** What a reader does with frames. Anything it throws ends the reading. */
export interface FrameHandler<Frame> {
  readonly schema: z.ZodType<Frame>;
  /** Bytes a header may have now. */
  headerLimit(): number;
  /** Where the payload shall go: exactly `payloadBytes` of memory. Called only where there is a payload. */
  destination(frame: Frame, payloadBytes: number): Uint8Array;
  /** Copies the next payload in the ring to where it belongs. */
  fromRing(target: Uint8Array): void;
  /** The frame is complete. */
  frame(frame: Frame): void;
}

/**
 * Cuts a byte stream into frames. It says where the next bytes belong (`target`) and is told how many came
 * (`advance`), so a socket can read straight into the payload's memory; `feed` copies instead.
 */
export class FrameReader<Frame> {
  readonly #handler: FrameHandler<Frame>;
  readonly #prefix = Buffer.alloc(PREFIX_BYTES);
  #stage: 'prefix' | 'header' | 'payload' = 'prefix';
  #buffer: Uint8Array = this.#prefix;
  #filled = 0;
  #payloadBytes = 0;
  #isInRing = false;
  #frame: Frame | null = null;

  constructor(handler: FrameHandler<Frame>) {
    this.#handler = handler;
  }

  /** Where the next bytes belong; never empty. */
  target(): Uint8Array {
    return this.#filled === 0 ? this.#buffer : this.#buffer.subarray(this.#filled);
  }

  /** The first `count` bytes of `target()` have been written. */
  advance(count: number): void {
    this.#filled += count;
    while (this.#filled === this.#buffer.length) this.#next();
  }

  /** Takes bytes that were read elsewhere. */
  feed(chunk: Uint8Array): void {
    let position = 0;
    while (position < chunk.length) {
      const count = Math.min(chunk.length - position, this.#buffer.length - this.#filled);
      this.#buffer.set(chunk.subarray(position, position + count), this.#filled);
      position += count;
      this.advance(count);
    }
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
    if (place !== IN_LINE && place !== IN_RING) throw new ProtocolFault('malformed', `payload in place ${place}`);
    this.#isInRing = place === IN_RING;
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
    const destination = this.#handler.destination(this.#frame, this.#payloadBytes);
    if (destination.length !== this.#payloadBytes) {
      throw new Error(`destination of ${destination.length} bytes for a payload of ${this.#payloadBytes}`);
    }
    if (this.#isInRing) {
      this.#handler.fromRing(destination);
      this.#finish();
    } else this.#expect('payload', destination);
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
