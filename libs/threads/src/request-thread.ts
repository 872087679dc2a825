import { Worker } from 'node:worker_threads';
import { AnswerWatch, type OverdueAnswer } from './answer-watch.js';
import type { ThreadReply } from './thread-reply.js';

/** What a thread can be asked, by kind, and what it answers to each. */
type AnswersOf<Request extends { readonly kind: string }> = { readonly [Kind in Request['kind']]: unknown };

interface Waiting<Value> {
  resolve(answer: { value: Value; elapsedMs: number }): void;
  reject(error: Error): void;
}

/** What is to happen when a thread hangs. */
export interface HangGuard {
  /** A thread has at least so long for an answer, milliseconds. */
  readonly patienceMs: number;
  /** Told once. The thread may be inside a native call that nothing ends: only the end of the process frees it. */
  readonly onHung: (error: ThreadHungError) => void;
}

/** A thread gives no answer any more. */
export class ThreadHungError extends Error {
  override readonly name = 'ThreadHungError';

  constructor(thread: string, { kind, waitedMs, slowestMs }: OverdueAnswer) {
    const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
    const others = slowestMs === null ? 'it would be the first' : `the slowest of the last took ${seconds(slowestMs)}`;
    super(`the ${thread} thread hangs: no answer to ${kind} for ${seconds(waitedMs)}, ${others}`);
  }
}

/** The control thread's end of a thread that answers requests. */
export class RequestThread<Request extends { readonly kind: string }, Answers extends AnswersOf<Request>> {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting<Answers[Request['kind']]>>();
  readonly #ready: Promise<void>;
  #nextId = 0;
  #failure: Error | null = null;
  #watch: AnswerWatch | null = null;
  #guardTimer: NodeJS.Timeout | undefined;

  /**
   * Starts loading at once.
   * @param threadUrl compiled entry of the thread, which serves a `serveRequests`
   * @param name for messages: `engine`
   * @param guard without one a thread may take for ever
   */
  constructor(threadUrl: URL, name: string, data: unknown, guard?: HangGuard) {
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
    if (guard) this.#guard(name, guard);
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
    /** What takes about as long each time: the kind, and the shapes of what is computed with. */
    what: string = request.kind,
  ): Promise<{ readonly value: Answers[R['kind']]; readonly elapsedMs: number }> {
    if (this.#failure) throw this.#failure;
    // Posted and counted in `load` at once: the thread takes it up when it is ready.
    const id = this.#nextId++;
    const answer = new Promise<{ value: Answers[Request['kind']]; elapsedMs: number }>((resolve, reject) =>
      this.#waiting.set(id, { resolve, reject }),
    );
    this.#watch?.asked(what);
    this.#worker.postMessage({ id, request }, [...transfer]);
    return await answer;
  }

  async close(): Promise<void> {
    clearInterval(this.#guardTimer);
    await this.#worker.terminate();
  }

  #guard(name: string, { patienceMs, onHung }: HangGuard): void {
    const watch = new AnswerWatch(patienceMs);
    const everyMs = patienceMs / 8;
    let lookedAt = performance.now();
    this.#watch = watch;
    this.#guardTimer = setInterval(() => {
      const now = performance.now();
      // Time in which this process was stopped, or got no processor, is no time in which the thread could answer.
      const overdue = watch.passed(Math.min(now - lookedAt, 2 * everyMs));
      lookedAt = now;
      if (overdue === null) return;
      clearInterval(this.#guardTimer);
      onHung(new ThreadHungError(name, overdue));
    }, everyMs);
    this.#guardTimer.unref();
  }

  #settle(reply: ThreadReply<Answers[Request['kind']]>): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    this.#watch?.answered(reply.ok ? reply.elapsedMs : null);
    if (!waiting) return;
    if (reply.ok) waiting.resolve({ value: reply.value, elapsedMs: reply.elapsedMs });
    else {
      const error = new Error(reply.message);
      if (reply.stack) error.stack = reply.stack;
      waiting.reject(error);
    }
  }

  #fail(error: Error): void {
    clearInterval(this.#guardTimer);
    this.#failure ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(this.#failure);
    this.#waiting.clear();
  }
}
