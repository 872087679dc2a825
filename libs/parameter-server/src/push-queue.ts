import type { Connection } from './connection.js';
import type { ClientFrame, ServerFrame } from './frame.schema.js';
import { chunksOf, splitRanges, type VectorRange } from './ranges.js';
import type { RetainedPush } from './retained-pushes.js';

/**
 * Bytes handed to the socket ahead of the line. Few, so that pings and state are not stuck behind a whole vector;
 * enough that the line never runs dry between two turns of the event loop.
 */
const AHEAD_BYTES = 4 * 2 ** 20;

interface Entry {
  readonly push: RetainedPush;
  readonly chunks: readonly VectorRange[];
  next: number;
}

/** What one server still has to be pushed, in order. */
export class PushQueue {
  readonly #server: number;
  readonly #numServers: number;
  #entries: Entry[] = [];

  constructor(server: number, numServers: number) {
    this.#server = server;
    this.#numServers = numServers;
  }

  /** Queues this server's range of a push, again if it is queued already. */
  add(push: RetainedPush): void {
    const range = splitRanges(push.vector.length, this.#numServers)[this.#server];
    if (range !== undefined && range.hi > range.lo) this.#entries.push({ push, chunks: chunksOf(range), next: 0 });
  }

  clear(): void {
    this.#entries = [];
  }

  dropUpTo(round: number): void {
    this.#entries = this.#entries.filter(({ push }) => push.round > round);
  }

  /** Sends as much as the line takes now; to be called again when it has drained. */
  pump(connection: Connection<ServerFrame, ClientFrame>): void {
    while (connection.isOpen && connection.queuedBytes < AHEAD_BYTES) {
      const entry = this.#entries[0];
      const chunk = entry?.chunks[entry.next];
      if (entry === undefined || chunk === undefined) return;
      entry.next += 1;
      if (entry.next === entry.chunks.length) this.#entries.shift();
      sendChunk(connection, entry.push, chunk);
    }
  }
}

function sendChunk(
  connection: Connection<ServerFrame, ClientFrame>,
  push: RetainedPush,
  { lo, hi }: VectorRange,
): void {
  const { round, node, vector } = push;
  push.numWriting += 1;
  connection.send(
    { type: 'push', round, node: [node.lo, node.hi], length: vector.length, lo, hi },
    new Uint8Array(vector.buffer, vector.byteOffset + lo * 4, (hi - lo) * 4),
    () => {
      push.numWriting -= 1;
    },
  );
}
