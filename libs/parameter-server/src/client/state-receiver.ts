import { RecoverableError } from '#contracts';
import type { StateSnapshot } from '../exchange.js';
import type { StateFrame } from '../wire/frame.schema.js';
import { ProtocolFault } from '../wire/protocol-fault.js';

type Begin = Extract<StateFrame, { type: 'state-begin' }>;
type Chunk = Extract<StateFrame, { type: 'state-chunk' }>;

export interface StateReceiverOptions {
  readonly transfer: string;
  /** Silence after which the transfer is given up. */
  readonly timeoutMs: number;
  /** Bytes a state may have. */
  readonly maxBytes: number;
  send(frame: StateFrame): void;
  /** The donor was found; its state is complete at this round. */
  begun(round: number): void;
}

/** Takes in another member's state, chunk by chunk into the memory it will stay in. */
export class StateReceiver {
  readonly result: Promise<StateSnapshot>;
  readonly #options: StateReceiverOptions;
  readonly #resolve: (snapshot: StateSnapshot) => void;
  readonly #reject: (error: Error) => void;
  #timer: NodeJS.Timeout;
  #buffers: Float32Array<ArrayBuffer>[] = [];
  #round: number | null = null;
  /** Position of the next byte. */
  #buffer = 0;
  #offsetBytes = 0;
  #pendingBytes = 0;
  #numChunks = 0;

  constructor(options: StateReceiverOptions) {
    this.#options = options;
    const { promise, resolve, reject } = withResolvers<StateSnapshot>();
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
    this.#heard();
    const totalBytes = frame.lengths.reduce((sum, length) => sum + length * 4, 0);
    if (this.#round !== null || totalBytes > this.#options.maxBytes) {
      this.fail(
        new RecoverableError(
          `donor announced a state of ${totalBytes} bytes, at most ${this.#options.maxBytes} are taken`,
        ),
      );
      return;
    }
    this.#round = frame.round;
    this.#buffers = frame.lengths.map((length) => new Float32Array(length));
    this.#skipFullBuffers();
    this.#options.begun(frame.round);
  }

  destination(frame: Chunk, payloadBytes: number): Uint8Array {
    const target = this.#buffers[frame.buffer];
    if (
      target === undefined ||
      frame.buffer !== this.#buffer ||
      frame.offsetBytes !== this.#offsetBytes ||
      frame.offsetBytes + payloadBytes > target.byteLength
    ) {
      throw new ProtocolFault('malformed', 'state chunk out of place');
    }
    this.#pendingBytes = payloadBytes;
    return new Uint8Array(target.buffer, frame.offsetBytes, payloadBytes);
  }

  /** The payload of the last destination is in its place. */
  chunk(): void {
    this.#heard();
    this.#offsetBytes += this.#pendingBytes;
    this.#skipFullBuffers();
    this.#numChunks += 1;
    this.#options.send({ type: 'state-ack', transfer: this.#options.transfer, chunks: this.#numChunks });
  }

  end(): void {
    clearTimeout(this.#timer);
    if (this.#round === null || this.#buffer < this.#buffers.length) {
      this.fail(new RecoverableError('the donor ended the transfer before the state was complete'), true);
      return;
    }
    this.#resolve({ round: this.#round, buffers: this.#buffers });
  }

  #skipFullBuffers(): void {
    for (;;) {
      const current = this.#buffers[this.#buffer];
      if (current === undefined || this.#offsetBytes < current.byteLength) return;
      this.#buffer += 1;
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
