import { Worker } from 'node:worker_threads';
import { RecoverableError } from '#contracts';
import type { DataThreadData, DecodedPart, DecodeReply, DecodeRequest } from './decode-messages.js';

/** One end of a data thread, as the control side sees it. */
export interface DataThread {
  /** Resolves with the part; rejects with RecoverableError when the thread is gone, Error when it failed. */
  decode(request: Omit<Extract<DecodeRequest, { kind: 'decode' }>, 'kind' | 'id'>): DecodeTask;
  close(): Promise<void>;
}

export interface DecodeTask {
  readonly part: Promise<DecodedPart>;
  /** Nobody wants the part any more: it is not decoded, or not sent, and `part` stays pending. */
  cancel(): void;
}

/** The part of a worker thread or message port that the client uses. */
export interface DataPort {
  send(message: DecodeRequest): void;
  on(event: 'message', listener: (message: DecodeReply) => void): unknown;
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (part: DecodedPart) => void;
  readonly reject: (error: Error) => void;
}

/** Matches replies to requests over a port. */
export class DataThreadClient implements DataThread {
  private readonly waiting = new Map<number, Waiting>();
  private nextId = 1;
  private gone: Error | undefined;

  constructor(private readonly port: DataPort) {
    port.on('message', (reply) => {
      const waiting = this.waiting.get(reply.id);
      this.waiting.delete(reply.id);
      if (reply.kind === 'decoded') waiting?.resolve(reply.part);
      else waiting?.reject(new Error(`data thread failed: ${reply.message}`, { cause: reply.stack }));
    });
  }

  decode(request: Omit<Extract<DecodeRequest, { kind: 'decode' }>, 'kind' | 'id'>): DecodeTask {
    const { gone } = this;
    if (gone) return { part: Promise.reject(gone), cancel() {} };
    const id = this.nextId++;
    const part = new Promise<DecodedPart>((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    this.port.send({ ...request, kind: 'decode', id });
    const cancel = (): void => {
      if (this.waiting.delete(id) && !this.gone) this.port.send({ kind: 'cancel', id });
    };
    return { part, cancel };
  }

  /** The thread ended: everything asked for, now and later, rejects. */
  lose(cause: unknown): void {
    this.gone ??= new RecoverableError('the data thread ended', { cause });
    for (const { reject } of this.waiting.values()) reject(this.gone);
    this.waiting.clear();
  }

  async close(): Promise<void> {
    this.lose(new Error('closed'));
    await this.port.close();
  }
}

/** Starts a data thread and waits until its decoder is loaded. Rejects with the thread's error when it is not. */
export async function startDataThread(data: DataThreadData, timeoutMs = 60_000): Promise<DataThread> {
  const worker = new Worker(new URL('./data-thread.js', import.meta.url), { workerData: data });
  await untilReady(worker, timeoutMs);
  const client = new DataThreadClient({
    send: (message) => worker.postMessage(message, []),
    on: (event, listener) => worker.on(event, listener),
    close: async () => void (await worker.terminate()),
  });
  worker.on('error', (error) => client.lose(error));
  worker.on('exit', (code) => client.lose(new Error(`exit code ${code}`)));
  return client;
}

async function untilReady(worker: Worker, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(
        () => reject(new RecoverableError(`the data thread was not ready within ${timeoutMs} ms`)),
        timeoutMs,
      );
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`the data thread ended with code ${code} before it was ready`)));
    });
  } catch (error) {
    await worker.terminate();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
