import { packBfloat16 } from '#vectors';
import { bytesOf } from '../wire/chunk-buffers.js';
import type { Connection } from '../wire/connection.js';
import type { ClientFrame, ServerFrame } from '../wire/frame.schema.js';
import type { MadePayload } from '../wire/payload.js';
import { BYTES_PER_ELEMENT, dealPieces, type Piece } from '../reduce/ranges.js';
import type { RetainedPush } from './retained-pushes.js';

type TimesFrame = Extract<ClientFrame, { type: 'round-times' }>;

/**
 * Bytes handed to the socket ahead of the line. Few, so that pings and state are not stuck behind a whole vector;
 * enough that the line never runs dry between two turns of the event loop.
 */
const AHEAD_BYTES = 4 * 2 ** 20;

interface PushEntry {
  readonly push: RetainedPush;
  /** Not sent yet, in order. */
  readonly pieces: Piece[];
}

/** A vector's chunks, or a word that must not overtake them. */
type Entry = PushEntry | TimesFrame;

/**
 * What one server still has to be pushed, in order: its own pieces, and those it took over from servers that are away. A
 * piece of which something is not known yet is passed over by those behind it.
 */
export class PushQueue {
  readonly #server: number;
  readonly #numServers: number;
  #entries: Entry[] = [];
  #homes: ReadonlySet<number>;

  constructor(server: number, numServers: number) {
    this.#server = server;
    this.#numServers = numServers;
    this.#homes = new Set([server]);
  }

  /** Queues the server's pieces of a push, again if they are queued already. */
  add(push: RetainedPush): void {
    for (const home of this.#homes) this.#addPieces(push, home);
  }

  /** Queues a word behind the pushes so far. */
  addTimes(frame: TimesFrame): void {
    this.#entries.push(frame);
  }

  /** From now on the server has these ranges as well, and no other but its own; what it may lack of them is queued. */
  takeOver(takenOver: ReadonlySet<number>, retained: readonly RetainedPush[]): void {
    const before = this.#homes;
    this.#homes = new Set([this.#server, ...takenOver]);
    for (const home of this.#homes) {
      if (!before.has(home)) for (const push of retained) this.#addPieces(push, home);
    }
  }

  /** The server has lost everything. */
  clear(): void {
    this.#entries = [];
    this.#homes = new Set([this.#server]);
  }

  dropUpTo(round: number): void {
    this.#entries = this.#entries.filter((entry) => roundOf(entry) > round);
  }

  #addPieces(push: RetainedPush, home: number): void {
    const pieces = dealPieces(push.vector.length, push.numRounded, this.#numServers)[home] ?? [];
    if (pieces.length > 0) this.#entries.push({ push, pieces: [...pieces] });
  }

  /** Sends as much as the line takes now; to be called again when it has drained, or more is known. */
  pump(connection: Connection<ServerFrame, ClientFrame>): void {
    while (connection.isOpen && connection.queuedBytes < AHEAD_BYTES) if (!this.#sendNext(connection)) return;
  }

  /** False where nothing can be sent now. */
  #sendNext(connection: Connection<ServerFrame, ClientFrame>): boolean {
    for (const [place, entry] of this.#entries.entries()) {
      if ('type' in entry) {
        if (place > 0) continue;
        this.#entries.shift();
        connection.send(entry);
        return true;
      }
      const { push, pieces } = entry;
      const next = pieces.findIndex((piece) => push.filled.covers(piece));
      const [piece] = next < 0 ? [] : pieces.splice(next, 1);
      if (piece === undefined) continue;
      if (pieces.length === 0) this.#entries.splice(place, 1);
      this.#send(connection, push, piece);
      return true;
    }
    return false;
  }

  /**
   * fp32 is written from where it lies. bf16 is rounded from there when its turn comes, to where it is sent from: so rounding and
   * sending overlap.
   */
  #send(connection: Connection<ServerFrame, ClientFrame>, push: RetainedPush, { lo, hi, format }: Piece): void {
    const { round, node, vector } = push;
    const frame: ClientFrame = { type: 'push', round, node: [node.lo, node.hi], length: vector.length, lo, hi, format };
    const values = vector.subarray(lo, hi);
    push.numWriting += 1;
    connection.send(frame, format === 'bf16' ? roundedOf(values) : bytesOf(values), () => {
      push.numWriting -= 1;
    });
  }
}

const roundedOf = (values: Float32Array): MadePayload => ({
  length: values.length * BYTES_PER_ELEMENT.bf16,
  make: ({ buffer, byteOffset }) => packBfloat16(new Uint16Array(buffer, byteOffset, values.length), values),
});

const roundOf = (entry: Entry): number => ('type' in entry ? entry.round : entry.push.round);
