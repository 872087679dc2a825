import { RecoverableError } from '#contracts';
import type { StateSnapshot } from '../exchange.js';
import type { StateFrame } from '../wire/frame.schema.js';
import { ProtocolFault } from '../wire/protocol-fault.js';

type Begin = Extract<StateFrame, { type: 'state-begin' }>;
type Chunk = Extract<StateFrame, { type: 'state-chunk' }>;

export interface StateReceiverOptions {
  readonly transfer: string;
  /** A state of this round or of one before it is not taken. */
  readonly newerThan: number;
  /** Silence after which the transfer is given up. */
  readonly timeoutMs: number;
  /** Bytes a state may have. */
  readonly maxBytes: number;
  send(frame: StateFrame): void;
  /** The donor was found; its state is complete at this round. */
  begun(round: number): void;
}

/** Takes in another participant's state, chunk by chunk into the memory it will stay in. */
export class StateReceiver {
  /** Null where the donor's state is not newer. */
  readonly result: Promise<StateSnapshot | null>;
  readonly #options: StateReceiverOptions;
  readonly #resolve: (snapshot: StateSnapshot | null) => void;
  readonly #reject: (error: Error) => void;
  #timer: NodeJS.Timeout;
  #begin: Begin | null = null;
  /** The memory of the vectors and, last, of the JSON beside them. */
  #parts: ArrayBuffer[] = [];
  /** Position of the next byte. */
  #part = 0;
  #offsetBytes = 0;
  #pendingBytes = 0;
  #numChunks = 0;

  constructor(options: StateReceiverOptions) {
    this.#options = options;
    const { promise, resolve, reject } = withResolvers<StateSnapshot | null>();
    this.result = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#timer = this.#startTimer();
  }

  /** Gives up; the donor is told unless it said so first. */
  fail(error: Error, isDonorTold = false): void {
    clearTimeout(this.#timer);
    if (!isDonorTold) {
      this.#options.send({
        type: 'state-cancel',
        transfer: this.#options.transfer,
        reason: error.message.slice(0, 2_000),
      });
    }
    this.#reject(error);
  }

  begin(frame: Begin): void {
    if (frame.round <= this.#options.newerThan) {
      clearTimeout(this.#timer);
      this.#resolve(null);
      return;
    }
    this.#heard();
    const totalBytes = frame.vectors.reduce((sum, { length }) => sum + length * 4, frame.memoryBytes);
    if (this.#begin !== null || totalBytes > this.#options.maxBytes) {
      this.fail(
        new RecoverableError(
          `donor announced a state of ${totalBytes} bytes, at most ${this.#options.maxBytes} are taken`,
        ),
      );
      return;
    }
    this.#begin = frame;
    this.#parts = [...frame.vectors.map(({ length }) => length * 4), frame.memoryBytes].map(
      (bytes) => new ArrayBuffer(bytes),
    );
    this.#skipFullParts();
    this.#options.begun(frame.round);
  }

  destination(frame: Chunk, payloadBytes: number): Uint8Array {
    const target = this.#parts[frame.part];
    if (
      target === undefined ||
      frame.part !== this.#part ||
      frame.offsetBytes !== this.#offsetBytes ||
      frame.offsetBytes + payloadBytes > target.byteLength
    ) {
      throw new ProtocolFault('malformed', 'state chunk out of place');
    }
    this.#pendingBytes = payloadBytes;
    return new Uint8Array(target, frame.offsetBytes, payloadBytes);
  }

  /** The payload of the last destination is in its place. */
  chunk(): void {
    this.#heard();
    this.#offsetBytes += this.#pendingBytes;
    this.#skipFullParts();
    this.#numChunks += 1;
    this.#options.send({ type: 'state-ack', transfer: this.#options.transfer, chunks: this.#numChunks });
  }

  end(): void {
    clearTimeout(this.#timer);
    const begin = this.#begin;
    if (begin === null || this.#part < this.#parts.length) {
      this.fail(new RecoverableError('the donor ended the transfer before the state was complete'), true);
      return;
    }
    try {
      this.#resolve(this.#snapshot(begin));
    } catch (cause) {
      this.fail(new RecoverableError('what the donor sent beside the vectors is no JSON', { cause }), true);
    }
  }

  #snapshot({ round, vectors }: Begin): StateSnapshot {
    const named = vectors.map(
      ({ name }, index) => [name, new Float32Array(this.#parts[index] ?? new ArrayBuffer())] as const,
    );
    const memory: unknown = JSON.parse(Buffer.from(this.#parts[vectors.length] ?? new ArrayBuffer()).toString('utf8'));
    return { round, vectors: Object.fromEntries(named), memory };
  }

  #skipFullParts(): void {
    for (;;) {
      const current = this.#parts[this.#part];
      if (current === undefined || this.#offsetBytes < current.byteLength) return;
      this.#part += 1;
      this.#offsetBytes = 0;
    }
  }

  #heard(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#startTimer();
  }

  #startTimer(): NodeJS.Timeout {
    const { timeoutMs } = this.#options;
    return setTimeout(() => this.fail(new RecoverableError(`no state from the donor for ${timeoutMs} ms`)), timeoutMs);
  }
}

function withResolvers<Value>(): {
  promise: Promise<Value>;
  resolve: (value: Value) => void;
  reject: (error: Error) => void;
} {
  let resolve: (value: Value) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<Value>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
