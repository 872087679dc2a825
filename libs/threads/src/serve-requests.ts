import { parentPort } from 'node:worker_threads';
import type { ThreadReply } from './thread-reply.js';

interface Service<Request, Value> {
  answer(request: Request): Value | Promise<Value>;
  /** Buffers of an answer that move to the asker. */
  transfers(value: Value): readonly ArrayBuffer[];
}

/** The thread's end of a `RequestThread`: answers one request after the other, in the order they came. */
export function serveRequests<Request, Value>(service: Service<Request, Value>): void {
  const port = parentPort;
  if (!port) throw new Error('this file is the entry of a worker thread');
  let last: Promise<void> = Promise.resolve();
  port.on('message', ({ id, request }: { id: number; request: Request }) => {
    last = last.then(async () => {
      const start = performance.now();
      try {
        const value = await service.answer(request);
        const reply: ThreadReply<Value> = { id, ok: true, value, elapsedMs: performance.now() - start };
        port.postMessage(reply, [...service.transfers(value)]);
      } catch (error) {
        const { message, stack } = error instanceof Error ? error : new Error(String(error));
        port.postMessage({ id, ok: false, message, stack } satisfies ThreadReply<Value>);
      }
    });
  });
  port.postMessage('ready');
}
