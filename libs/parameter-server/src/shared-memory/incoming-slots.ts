import { ProtocolFault } from '../wire/protocol-fault.js';
import type { Place, Slots } from './slots.js';

/** A payload that is used where its sender put it. */
export interface HeldPayload {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The sender may have the slot back. */
  readonly release: () => void;
}

/** The other end's slots, from which payloads are taken. */
export class IncomingSlots {
  readonly #slots: Slots;
  readonly #tell: (slots: readonly number[]) => void;
  #news: number[] = [];
  #numHeld = 0;
  #isClosed = false;

  /** `tell` says which slots the other end may use again, once per turn of the event loop. */
  constructor(slots: Slots, tell: (slots: readonly number[]) => void) {
    this.#slots = slots;
    this.#tell = tell;
  }

  /** Has a payload read where it lies. What `read` took is worth nothing where this throws. */
  read(place: Place, numBytes: number, read: (bytes: Uint8Array) => void): void {
    read(this.#slots.bytes(place.slot, numBytes));
    // Who hung for so long that it was given up may come back to slots that hold something else by now.
    if (!this.#slots.has(place)) throw new ProtocolFault('silent', 'a payload was overwritten before it was read');
    this.#taken(place.slot);
  }

  /** Leaves a payload where it is; null where too few slots would be left to its sender, and it must be copied out. */
  hold({ slot }: Place, numBytes: number): HeldPayload | null {
    if (this.#numHeld >= this.#slots.count * MOST_HELD) return null;
    const bytes = this.#slots.bytes(slot, numBytes);
    this.#numHeld += 1;
    return {
      bytes,
      release: () => {
        this.#numHeld -= 1;
        this.#taken(slot);
        this.#closeUnused();
      },
    };
  }

  /** The connection is over; the memory stays for as long as payloads in it are held. */
  close(): void {
    this.#isClosed = true;
    this.#closeUnused();
  }

  #closeUnused(): void {
    if (this.#isClosed && this.#numHeld === 0) this.#slots.close();
  }

  #taken(slot: number): void {
    if (this.#isClosed) return;
    if (this.#news.push(slot) > 1) return;
    process.nextTick(() => {
      const news = this.#news;
      this.#news = [];
      if (!this.#isClosed) this.#tell(news);
    });
  }
}

/** Share of the slots that may be held: with the others, payloads go on arriving whatever they wait for. */
const MOST_HELD = 7 / 8;
