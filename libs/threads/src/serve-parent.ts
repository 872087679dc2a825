import type { RequestMessage } from './messages.js';
import { RequestServer, type RequestService } from './request-server.js';

/** The process's end of a `RequestProcess`: answers one request after the other, and ends with its parent. */
export function serveParent<Request, Value>(service: RequestService<Request, Value>): void {
  const server = new RequestServer<Request, Value>({ service, post: (reply) => process.send?.(reply) });
  process.on('message', (message: RequestMessage<Request>) => server.receive(message));
  process.on('disconnect', () => process.exit());
}
