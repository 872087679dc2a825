import type { AnswerWatch } from './answer-watch.js';
import { decodeError, type ErrorClass } from './error-codec.js';
import type { ReplyMessage, RequestMessage } from './messages.js';

/** What can be asked, by kind, and what is answered to each. */
export type AnswersOf<Request extends { readonly kind: string }> = { readonly [Kind in Request['kind']]: unknown };

export interface RequestOptions {
  /** Buffers that move to the thread. */
  readonly transfer?: readonly ArrayBuffer[];
  /** What takes about as long each time: the kind, and the shapes of what is computed with. Default: the kind. */
  readonly what?: string;
  /** Aborted: nobody wants the answer any more. It is not computed, or not sent, and the request rejects with the reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Who answers requests, in a thread or elsewhere. */
export interface Requests<Request extends { readonly kind: string }, Answers extends AnswersOf<Request>> {
  /** Requests not yet answered. */
  readonly load: number;
  /** Rejects with the error that was thrown, of its own class where that is known here. */
  request<R extends Request>(
    request: R,
    options?: RequestOptions,
  ): Promise<{ readonly value: Answers[R['kind']]; readonly elapsedMs: number }>;
  close(): Promise<void>;
}

interface Waiting<Value> {
  resolve(answer: { value: Value; elapsedMs: number }): void;
  reject(error: unknown): void;
}

export interface RequestClientOptions<Request> {
  readonly post: (message: RequestMessage<Request>, transfer: readonly ArrayBuffer[]) => void;
  readonly errors?: readonly ErrorClass[] | undefined;
  readonly watch?: AnswerWatch | undefined;
}

/** Matches replies to requests over a channel. */
export class RequestClient<Request extends { readonly kind: string }, Answers extends AnswersOf<Request>> {
  readonly #options: RequestClientOptions<Request>;
  readonly #waiting = new Map<number, Waiting<Answers[Request['kind']]>>();
  #nextId = 0;
  #failure: Error | null = null;

  constructor(options: RequestClientOptions<Request>) {
    this.#options = options;
  }

  get load(): number {
    return this.#waiting.size;
  }

  async request<R extends Request>(
    request: R,
    { transfer = [], what = request.kind, signal }: RequestOptions = {},
  ): Promise<{ readonly value: Answers[R['kind']]; readonly elapsedMs: number }> {
    if (this.#failure) throw this.#failure;
    signal?.throwIfAborted();
    const { post, watch } = this.#options;
    // Posted and counted in `load` at once: a thread takes it up when it is ready.
    const id = this.#nextId++;
    let cancel: (() => void) | undefined;
    const answer = new Promise<{ value: Answers[Request['kind']]; elapsedMs: number }>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      cancel = () => {
        if (!this.#waiting.delete(id)) return;
        watch?.cancelled(id);
        post({ id, isCancelled: true }, []);
        reject(signal?.reason);
      };
    });
    watch?.asked(id, what);
    post({ id, request }, transfer);
    if (!signal || !cancel) return await answer;
    signal.addEventListener('abort', cancel, { once: true });
    try {
      return await answer;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  receive(reply: ReplyMessage<Answers[Request['kind']]>): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    this.#options.watch?.answered(reply.id, reply.ok ? reply.elapsedMs : null);
    if (reply.ok) waiting?.resolve({ value: reply.value, elapsedMs: reply.elapsedMs });
    else waiting?.reject(decodeError(reply.error, this.#options.errors));
  }

  /** What waits rejects. */
  reject(error: Error): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const [id, one] of waiting) {
      this.#options.watch?.cancelled(id);
      one.reject(error);
    }
  }

  /** What waits rejects, and whatever is asked from now on. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.reject(this.#failure);
  }
}
