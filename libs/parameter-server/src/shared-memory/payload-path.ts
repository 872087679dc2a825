import { writePayload, type Payload } from '../wire/payload.js';
import { ProtocolFault } from '../wire/protocol-fault.js';
import type { Place, Slots } from './slots.js';

/** What is to be sent. */
export interface OutgoingPayload {
  readonly payload: Payload;
  /** Where it lies in shared memory already; null where it does not. */
  readonly place: Place | null;
  /** It may be overwritten. Called exactly once. */
  readonly flushed: () => void;
}

/** How payloads get to the other end beside the socket, which says in which order and where they are. */
export interface PayloadPath {
  /** Bytes of payloads that are lent until the other end has taken them. */
  readonly lentBytes: number;
  /** False where payloads have to wait until the other end has taken others. */
  readonly hasRoom: boolean;
  /** Where the other end finds the payload; null where it must go through the socket. */
  hand(payload: OutgoingPayload): Place | null;
  /** The other end has taken the payloads in these slots. */
  taken(slots: readonly number[]): void;
  /** The connection is over. */
  close(): void;
}

/** Writes payloads into slots of its own. The slot that came back last is used first: it is still in a cache. */
export class CopiedPayloads implements PayloadPath {
  readonly lentBytes = 0;
  readonly #slots: Slots;
  readonly #free: number[];
  readonly #used = new Set<number>();

  constructor(slots: Slots) {
    this.#slots = slots;
    this.#free = Array.from({ length: slots.count }, (_, index) => slots.count - 1 - index);
  }

  get hasRoom(): boolean {
    return this.#free.length > 0;
  }

  hand({ payload, flushed }: OutgoingPayload): Place | null {
    const slot = this.#free.pop();
    if (slot === undefined) return null;
    this.#used.add(slot);
    writePayload(this.#slots.bytes(slot, payload.length), payload);
    flushed();
    return { slot, generation: 0 };
  }

  taken(slots: readonly number[]): void {
    for (const slot of slots) {
      if (!this.#used.delete(slot)) throw new ProtocolFault('malformed', `slot ${slot} taken, and nothing is in it`);
      this.#free.push(slot);
    }
  }

  close(): void {
    this.#slots.close();
  }
}

/** Lends payloads that lie in slots: to several participants at once, without a copy for each. */
export class LentPayloads implements PayloadPath {
  readonly hasRoom = true;
  readonly #lent = new Map<number, OutgoingPayload[]>();
  #lentBytes = 0;

  get lentBytes(): number {
    return this.#lentBytes;
  }

  hand(outgoing: OutgoingPayload): Place | null {
    const { place, payload } = outgoing;
    if (place === null) return null;
    this.#lentBytes += payload.length;
    const others = this.#lent.get(place.slot);
    if (others === undefined) this.#lent.set(place.slot, [outgoing]);
    else others.push(outgoing);
    return place;
  }

  taken(slots: readonly number[]): void {
    for (const slot of slots) {
      const lent = this.#lent.get(slot);
      const outgoing = lent?.shift();
      if (outgoing === undefined)
        throw new ProtocolFault('malformed', `slot ${slot} taken, and nothing was lent in it`);
      if (lent?.length === 0) this.#lent.delete(slot);
      this.#lentBytes -= outgoing.payload.length;
      outgoing.flushed();
    }
  }

  close(): void {
    const lent = [...this.#lent.values()].flat();
    this.#lent.clear();
    this.#lentBytes = 0;
    for (const { flushed } of lent) flushed();
  }
}
