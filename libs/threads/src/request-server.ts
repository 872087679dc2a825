import { encodeError } from './error-codec.js';
import type { ReplyMessage, RequestMessage } from './messages.js';

/** What answers requests. */
export interface RequestService<Request, Value> {
  /** The signal is aborted when nobody wants the answer any more. */
  answer(request: Request, signal: AbortSignal): Value | Promise<Value>;
  /** Buffers of an answer that move to who asked. Default: none. */
  transfers?(value: Value): readonly ArrayBuffer[];
  /** Of those that wait the one with the lowest figure is answered first. Default: in the order they came. */
  order?(request: Request): number;
}

export interface RequestServerOptions<Request, Value> {
  readonly service: RequestService<Request, Value>;
  readonly post: (reply: ReplyMessage<Value>, transfer: readonly ArrayBuffer[]) => void;
}

interface Job<Request> {
  readonly id: number;
  readonly request: Request;
}

/** Answers the requests of a channel, one after the other. */
export class RequestServer<Request, Value> {
  readonly #options: RequestServerOptions<Request, Value>;
  readonly #waiting: Job<Request>[] = [];
  #current: { readonly id: number; readonly stop: AbortController } | null = null;

  constructor(options: RequestServerOptions<Request, Value>) {
    this.#options = options;
  }

  receive(message: RequestMessage<Request>): void {
    if ('isCancelled' in message) {
      const at = this.#waiting.findIndex(({ id }) => id === message.id);
      if (at >= 0) this.#waiting.splice(at, 1);
      else if (this.#current?.id === message.id) this.#current.stop.abort();
      return;
    }
    this.#waiting.push(message);
    if (this.#current === null) void this.#work();
  }

  async #work(): Promise<void> {
    for (let job = this.#takeNext(); job; job = this.#takeNext()) {
      const stop = new AbortController();
      this.#current = { id: job.id, stop };
      await this.#answer(job, stop.signal);
    }
    this.#current = null;
  }

  async #answer({ id, request }: Job<Request>, signal: AbortSignal): Promise<void> {
    const { service, post } = this.#options;
    const start = performance.now();
    try {
      const value = await service.answer(request, signal);
      if (signal.aborted) return;
      const elapsedMs = performance.now() - start;
      post({ id, ok: true, value, elapsedMs }, service.transfers?.(value) ?? []);
    } catch (error) {
      if (!signal.aborted) post({ id, ok: false, error: encodeError(error) }, []);
    }
  }

  #takeNext(): Job<Request> | undefined {
    const { service } = this.#options;
    let best = 0;
    let lowest = Infinity;
    for (const [at, { request }] of this.#waiting.entries()) {
      const order = service.order?.(request) ?? 0;
      if (order >= lowest) continue;
      best = at;
      lowest = order;
    }
    return this.#waiting.splice(best, 1)[0];
  }
}
