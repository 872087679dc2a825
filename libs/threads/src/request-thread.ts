import { Worker } from 'node:worker_threads';
import { AnswerWatch, FIRST_ANSWER_MS, type OverdueAnswer } from './answer-watch.js';
import type { ErrorClass } from './error-codec.js';
import type { ReplyMessage } from './messages.js';
import { RequestClient, type AnswersOf, type RequestOptions, type Requests } from './request-client.js';

/** What is to happen when a thread hangs. */
export interface HangGuard {
  /** A thread has at least so long for an answer, milliseconds. */
  readonly patienceMs: number;
  /** Told once. The thread may be inside a native call that nothing ends: only the end of the process frees it. */
  readonly onHung: (error: ThreadHungError) => void;
}

export interface RequestThreadOptions {
  /** Compiled entry of the thread, which serves a `serveRequests`. */
  readonly url: URL;
  /** For messages: `engine`. */
  readonly name: string;
  /** What the thread finds in `workerData`. */
  readonly data: unknown;
  /** Default: what waits rejects with ThreadHungError when an answer takes two minutes, or ten times as long as others. */
  readonly guard?: HangGuard | undefined;
  /** How long the thread has to get ready, milliseconds. Default: half an hour, as a first answer. */
  readonly startWithinMs?: number;
  /** Of the heap of short-lived objects, MiB; less memory for more work of the collector. Default: Node's, some 50. */
  readonly youngGenerationMiB?: number;
  /** Classes of errors, beside the contracts', that the thread throws and who asks tells apart. */
  readonly errors?: readonly ErrorClass[];
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

/** A thread failed or ended: what was asked of it, and whatever will be, is not answered. */
export class ThreadEndedError extends Error {
  override readonly name = 'ThreadEndedError';
}

const DEFAULT_PATIENCE_MS = 120_000;
/** A thread in a native call does not end before that does: it is not waited for any longer. */
const CLOSE_MS = 5_000;

/** The control thread's end of a thread that answers requests. It starts to load at once. */
export class RequestThread<
  Request extends { readonly kind: string },
  Answers extends AnswersOf<Request>,
> implements Requests<Request, Answers> {
  readonly #worker: Worker;
  readonly #client: RequestClient<Request, Answers>;
  readonly #ready: Promise<void>;
  #guardTimer: NodeJS.Timeout | undefined;

  constructor(options: RequestThreadOptions) {
    const { url, name, data, guard, errors, youngGenerationMiB } = options;
    const watch = new AnswerWatch(guard?.patienceMs ?? DEFAULT_PATIENCE_MS);
    this.#worker = new Worker(url, {
      workerData: data,
      ...(youngGenerationMiB !== undefined && { resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMiB } }),
    });
    this.#client = new RequestClient({
      post: (message, transfer) => this.#worker.postMessage(message, [...transfer]),
      errors,
      watch,
    });
    this.#ready = this.#untilReady(options);
    this.#ready.catch(() => undefined);
    this.#worker.on('error', (cause) =>
      this.#fail(new ThreadEndedError(`the ${name} thread failed: ${String(cause)}`, { cause })),
    );
    this.#worker.on('exit', (code) => this.#fail(new ThreadEndedError(`the ${name} thread ended with code ${code}`)));
    this.#guard(name, watch, guard);
  }

  /** Starts a thread and waits until it can answer; ends it and rejects with the reason where it cannot be started. */
  static async start<Request extends { readonly kind: string }, Answers extends AnswersOf<Request>>(
    options: RequestThreadOptions,
  ): Promise<RequestThread<Request, Answers>> {
    const thread = new RequestThread<Request, Answers>(options);
    try {
      await thread.ready();
      return thread;
    } catch (error) {
      await thread.close();
      throw error;
    }
  }

  /** Resolves when the thread can answer; rejects with the reason when it cannot be started. */
  ready(): Promise<void> {
    return this.#ready;
  }

  get load(): number {
    return this.#client.load;
  }

  request<R extends Request>(
    request: R,
    options?: RequestOptions,
  ): Promise<{ readonly value: Answers[R['kind']]; readonly elapsedMs: number }> {
    return this.#client.request(request, options);
  }

  /** Ends the thread; what is asked of it rejects. A thread that hangs in a native call ends with the process. */
  async close(): Promise<void> {
    clearInterval(this.#guardTimer);
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_MS);
      timer.unref();
    });
    await Promise.race([this.#worker.terminate(), enough]);
    clearTimeout(timer);
  }

  async #untilReady({ name, startWithinMs = FIRST_ANSWER_MS }: RequestThreadOptions): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        timer = setTimeout(
          () => reject(new ThreadEndedError(`the ${name} thread was not ready within ${startWithinMs} ms`)),
          startWithinMs,
        );
        timer.unref();
        this.#worker.once('message', () => {
          this.#worker.on('message', (reply: ReplyMessage<Answers[Request['kind']]>) => this.#client.receive(reply));
          resolve();
        });
        this.#worker.once('error', reject);
        this.#worker.once('exit', (code) =>
          reject(new ThreadEndedError(`the ${name} thread ended with code ${code} before it was ready`)),
        );
      });
    } finally {
      clearTimeout(timer);
    }
  }

  #guard(name: string, watch: AnswerWatch, guard: HangGuard | undefined): void {
    const everyMs = (guard?.patienceMs ?? DEFAULT_PATIENCE_MS) / 8;
    let lookedAt = performance.now();
    this.#guardTimer = setInterval(() => {
      const now = performance.now();
      // Time in which this process was stopped, or got no processor, is no time in which the thread could answer.
      const overdue = watch.passed(Math.min(now - lookedAt, 2 * everyMs));
      lookedAt = now;
      if (overdue === null) return;
      const error = new ThreadHungError(name, overdue);
      if (guard === undefined) {
        // The thread may come back; what is asked of it then has its time again.
        this.#client.reject(error);
        return;
      }
      clearInterval(this.#guardTimer);
      guard.onHung(error);
    }, everyMs);
    this.#guardTimer.unref();
  }

  #fail(error: Error): void {
    clearInterval(this.#guardTimer);
    this.#client.fail(error);
  }
}
