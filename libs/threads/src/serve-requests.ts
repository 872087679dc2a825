import { parentPort } from 'node:worker_threads';
import type { RequestMessage } from './messages.js';
import { RequestServer, type RequestService } from './request-server.js';

/** The thread's end of a `RequestThread`: answers one request after the other. To be called when it can. */
export function serveRequests<Request, Value>(service: RequestService<Request, Value>): void {
  const port = parentPort;
  if (!port) throw new Error('this file is the entry of a worker thread');
  const server = new RequestServer({ service, post: (reply, transfer) => port.postMessage(reply, [...transfer]) });
  port.on('message', (message: RequestMessage<Request>) => server.receive(message));
  port.postMessage('ready');
}
