import type { StateSnapshot } from '../exchange.js';
import type { StateFrame } from '../wire/frame.schema.js';

const CHUNK_BYTES = 2 ** 20;
/** Chunks under way before the receiver has acknowledged: 8 MiB fill a 10 Gbit/s line with 6 ms of round trip. */
const WINDOW = 8;

interface Chunk {
  readonly part: number;
  readonly offsetBytes: number;
  readonly payload: Uint8Array;
}

/** Sends a state to the participant that asked for it, no faster than that participant takes it in. */
export class StateSender {
  readonly #transfer: string;
  readonly #snapshot: StateSnapshot;
  readonly #send: (frame: StateFrame, payload?: Uint8Array) => void;
  readonly #memory: Uint8Array;
  readonly #chunks: Iterator<Chunk>;
  #sent = 0;
  #isOver = false;

  constructor(transfer: string, snapshot: StateSnapshot, send: (frame: StateFrame, payload?: Uint8Array) => void) {
    this.#transfer = transfer;
    this.#snapshot = snapshot;
    this.#send = send;
    this.#memory = memoryPart(snapshot.memory);
    this.#chunks = chunksOf([...Object.values(snapshot.vectors), this.#memory]);
  }

  /** True once the last chunk is on its way. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Of a state that is not newer than this round the beginning is sent alone. */
  start(newerThan: number): void {
    const { round, vectors } = this.#snapshot;
    this.#send({
      type: 'state-begin',
      transfer: this.#transfer,
      round,
      vectors: Object.entries(vectors).map(([name, { length }]) => ({ name, length })),
      memoryBytes: this.#memory.byteLength,
    });
    if (round > newerThan) this.acknowledged(0);
    else this.#end();
  }

  /** The receiver has taken in so many chunks. */
  acknowledged(chunks: number): void {
    while (!this.#isOver && this.#sent < chunks + WINDOW) {
      const next = this.#chunks.next();
      if (next.done === true) {
        this.#end();
        return;
      }
      const { part, offsetBytes, payload } = next.value;
      this.#sent += 1;
      this.#send({ type: 'state-chunk', transfer: this.#transfer, part, offsetBytes }, payload);
    }
  }

  #end(): void {
    this.#isOver = true;
    this.#send({ type: 'state-end', transfer: this.#transfer });
  }
}

/** JSON, filled up with spaces: servers hand on whole elements. */
function memoryPart(memory: unknown): Uint8Array {
  const json = Buffer.from(JSON.stringify(memory), 'utf8');
  const padded = new Uint8Array(Math.ceil(json.length / 4) * 4).fill(0x20);
  padded.set(json);
  return padded;
}

function* chunksOf(parts: readonly (Float32Array | Uint8Array)[]): Generator<Chunk> {
  for (const [part, { buffer, byteOffset, byteLength }] of parts.entries()) {
    for (let offsetBytes = 0; offsetBytes < byteLength; offsetBytes += CHUNK_BYTES) {
      const bytes = Math.min(CHUNK_BYTES, byteLength - offsetBytes);
      yield { part, offsetBytes, payload: new Uint8Array(buffer, byteOffset + offsetBytes, bytes) };
    }
  }
}
