import { CHUNK_BYTES } from '../reduce/ranges.js';
import { ProtocolFault } from '../wire/protocol-fault.js';
import type { SharedSegment } from './shared-segment.js';

/** The key, and a word for each slot. A whole page of WebAssembly's memory, so that slots begin where pages do. */
const HEADER_BYTES = 65_536;
const GENERATIONS_AT = 4_096;

/** Slots for what a participant pushes to one server: a whole round of ResNet-50, so that it waits for nobody. */
export const NUM_PUSHES = 64;

/** Bytes of a segment with so many slots, at most 15,000. */
export const segmentBytes = (numSlots: number): number => HEADER_BYTES + numSlots * CHUNK_BYTES;

/** A payload in shared memory. */
export interface Place {
  readonly slot: number;
  /** What the slot's word is for as long as the payload is in it. */
  readonly generation: number;
}

/** Payloads of CHUNK_BYTES at most, in a segment. */
export class Slots {
  readonly #segment: SharedSegment;

  constructor(segment: SharedSegment) {
    this.#segment = segment;
  }

  get count(): number {
    return Math.max(0, (this.#segment.bytes - HEADER_BYTES) / CHUNK_BYTES);
  }

  /** The first bytes of a slot. */
  bytes(slot: number, numBytes: number): Uint8Array<ArrayBuffer> {
    if (numBytes > CHUNK_BYTES || slot >= this.count)
      throw new ProtocolFault('malformed', `a payload of ${numBytes} bytes in slot ${slot} of ${this.count}`);
    const whole = this.#segment.part(HEADER_BYTES + slot * CHUNK_BYTES, CHUNK_BYTES);
    return numBytes === CHUNK_BYTES ? whole : whole.subarray(0, numBytes);
  }

  /** Says, before a slot is written to, that what was in it is gone. Returns its generation from now on. */
  renew(slot: number): number {
    return Atomics.add(this.#generations(), slot, 1) + 1;
  }

  /** Whether what was read from the slot before this call is the payload of that place. */
  has({ slot, generation }: Place): boolean {
    // An addition, unlike a load, is passed by no read before it on any processor.
    return Atomics.add(this.#generations(), slot, 0) === (generation | 0);
  }

  close(): void {
    this.#segment.close();
  }

  #generations(): Int32Array {
    const { buffer, byteOffset } = this.#segment.part(GENERATIONS_AT, HEADER_BYTES - GENERATIONS_AT);
    return new Int32Array(buffer, byteOffset, this.count);
  }
}
