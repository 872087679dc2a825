import { CHUNK_BYTES } from '../reduce/ranges.js';
import { ProtocolFault } from '../wire/protocol-fault.js';
import type { SharedSegment } from './shared-segment.js';

/** Payloads under way in one direction: few, so that they stay in a cache; enough that neither side waits for the other. */
const NUM_SLOTS = 4;
const RING_BYTES = NUM_SLOTS * CHUNK_BYTES;

/** Bytes of a segment: a ring each way. */
export const SEGMENT_BYTES = 2 * RING_BYTES;

/** Which half of the segment a ring is. */
export type RingPlace = 'to-server' | 'to-participant';

const OFFSETS: Readonly<Record<RingPlace, number>> = { 'to-server': 0, 'to-participant': RING_BYTES };

/** The slots of one direction, in turn. */
class RingSlots {
  readonly #segment: SharedSegment;
  readonly #offset: number;
  #slot = 0;

  constructor(segment: SharedSegment, place: RingPlace) {
    this.#segment = segment;
    this.#offset = OFFSETS[place];
  }

  /** The first bytes of the next slot. */
  next(numBytes: number): Uint8Array {
    const from = this.#offset + this.#slot * CHUNK_BYTES;
    this.#slot = (this.#slot + 1) % NUM_SLOTS;
    return this.#segment.view.subarray(from, from + numBytes);
  }
}

/** A payload each slot, in turn. Who writes is told by frames how many were taken, so no word of the memory is waited for. */
export class RingWriter {
  readonly #slots: RingSlots;
  #numUsed = 0;

  constructor(segment: SharedSegment, place: RingPlace) {
    this.#slots = new RingSlots(segment, place);
  }

  get hasRoom(): boolean {
    return this.#numUsed < NUM_SLOTS;
  }

  /** Copies a payload in; only where there is room. */
  write(payload: Uint8Array): void {
    this.#slots.next(payload.length).set(payload);
    this.#numUsed += 1;
  }

  /** So many payloads were taken out. */
  taken(count: number): void {
    if (count > this.#numUsed)
      throw new ProtocolFault('malformed', `${count} payloads taken, ${this.#numUsed} under way`);
    this.#numUsed -= count;
  }
}

/** The other end of a `RingWriter`. */
export class RingReader {
  readonly #slots: RingSlots;
  #numTaken = 0;

  constructor(segment: SharedSegment, place: RingPlace) {
    this.#slots = new RingSlots(segment, place);
  }

  /** Copies the next payload out. */
  read(target: Uint8Array): void {
    if (target.length > CHUNK_BYTES)
      throw new ProtocolFault('malformed', `a payload of ${target.length} bytes, at most ${CHUNK_BYTES}`);
    target.set(this.#slots.next(target.length));
    this.#numTaken += 1;
  }

  /** How many payloads the writer is to be told of now: half a ring's, or none. */
  takeNews(): number {
    if (this.#numTaken < NUM_SLOTS / 2) return 0;
    const news = this.#numTaken;
    this.#numTaken = 0;
    return news;
  }
}
