import { Worker } from 'node:worker_threads';
import type { ThreadReply } from './thread-reply.js';

/** What a thread can be asked, by kind, and what it answers to each. */
type AnswersOf<Request extends { readonly kind: string }> = { readonly [Kind in Request['kind']]: unknown };

interface Waiting<Value> {
  resolve(answer: { value: Value; elapsedMs: number }): void;
  reject(error: Error): void;
}

/** The control thread's end of a thread that answers requests. */
export class RequestThread<Request extends { readonly kind: string }, Answers extends AnswersOf<Request>> {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting<Answers[Request['kind']]>>();
  readonly #ready: Promise<void>;
  #nextId = 0;
  #failure: Error | null = null;

  /**
   * Starts loading at once.
   * @param threadUrl compiled entry of the thread, which serves a `serveRequests`
   * @param name for messages: `engine`
   */
  constructor(threadUrl: URL, name: string, data: unknown) {
    this.#worker = new Worker(threadUrl, { workerData: data });
    this.#ready = new Promise((resolve, reject) => {
      this.#worker.once('message', () => {
        this.#worker.on('message', (reply: ThreadReply<Answers[Request['kind']]>) => this.#settle(reply));
        resolve();
      });
      this.#worker.once('error', reject);
    });
    this.#ready.catch(() => undefined);
    this.#worker.on('error', (error) =>
      this.#fail(new Error(`the ${name} thread failed: ${String(error)}`, { cause: error })),
    );
    this.#worker.on('exit', (code) => this.#fail(new Error(`the ${name} thread ended with code ${code}`)));
  }

  /** Resolves when the thread can answer; rejects with the reason when it cannot be started. */
  ready(): Promise<void> {
    return this.#ready;
  }

  /** Requests not yet answered. */
  get load(): number {
    return this.#waiting.size;
  }

  async request<R extends Request>(
    request: R,
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<{ readonly value: Answers[R['kind']]; readonly elapsedMs: number }> {
    if (this.#failure) throw this.#failure;
    // Posted and counted in `load` at once: the thread takes it up when it is ready.
    const id = this.#nextId++;
    const answer = new Promise<{ value: Answers[Request['kind']]; elapsedMs: number }>((resolve, reject) =>
      this.#waiting.set(id, { resolve, reject }),
    );
    this.#worker.postMessage({ id, request }, [...transfer]);
    return await answer;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle(reply: ThreadReply<Answers[Request['kind']]>): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (!waiting) return;
    if (reply.ok) waiting.resolve({ value: reply.value, elapsedMs: reply.elapsedMs });
    else {
      const error = new Error(reply.message);
      if (reply.stack) error.stack = reply.stack;
      waiting.reject(error);
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(this.#failure);
    this.#waiting.clear();
  }
}
