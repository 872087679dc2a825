import { Worker } from 'node:worker_threads';
import type { EngineAnswers, EngineReply, EngineRequest, EngineThreadData } from './engine-messages.js';

interface Waiting {
  resolve(answer: { value: EngineAnswers[EngineRequest['kind']]; elapsedMs: number }): void;
  reject(error: Error): void;
}

/** The control thread's end of one engine thread. Requests are answered in the order they were made. */
export class EngineThreadClient {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ready: Promise<void>;
  #nextId = 0;
  #failure: Error | null = null;

  /** @param threadUrl compiled engine-thread.js; starts loading at once. */
  constructor(threadUrl: URL, data: EngineThreadData) {
    this.#worker = new Worker(threadUrl, { workerData: data });
    this.#ready = new Promise((resolve, reject) => {
      this.#worker.once('message', () => {
        this.#worker.on('message', (reply: EngineReply) => this.#settle(reply));
        resolve();
      });
      this.#worker.once('error', reject);
    });
    this.#ready.catch(() => undefined);
    this.#worker.on('error', (error) =>
      this.#fail(new Error(`the engine thread failed: ${String(error)}`, { cause: error })),
    );
    this.#worker.on('exit', (code) => this.#fail(new Error(`the engine thread ended with code ${code}`)));
  }

  /** Resolves when the engine is built; rejects with the reason when it cannot be. */
  ready(): Promise<void> {
    return this.#ready;
  }

  /** Requests not yet answered. */
  get load(): number {
    return this.#waiting.size;
  }

  async request<R extends EngineRequest>(
    request: R,
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<{ readonly value: EngineAnswers[R['kind']]; readonly elapsedMs: number }> {
    if (this.#failure) throw this.#failure;
    // Posted and counted in `load` at once: the thread takes it up when its engine is built.
    const id = this.#nextId++;
    const answer = new Promise<{ value: EngineAnswers[EngineRequest['kind']]; elapsedMs: number }>((resolve, reject) =>
      this.#waiting.set(id, { resolve, reject }),
    );
    this.#worker.postMessage({ id, request }, [...transfer]);
    return (await answer) as { value: EngineAnswers[R['kind']]; elapsedMs: number };
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle(reply: EngineReply): void {
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
