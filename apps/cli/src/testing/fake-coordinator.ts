import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Problem } from '#contracts';

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** A real HTTP server that answers each route with what a test tells it to. */
export interface FakeCoordinator extends AsyncDisposable {
  readonly url: string;
  /** `METHOD path` of every request, in order. */
  readonly asked: readonly string[];
  /** Sets the answers of a route, one per request; the last one stays. */
  on(route: string, ...handlers: readonly Handler[]): void;
}

export async function fakeCoordinator(): Promise<FakeCoordinator> {
  const routes = new Map<string, Handler[]>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const route = `${request.method} ${request.url}`;
    asked.push(route);
    const handlers = routes.get(route) ?? [];
    const handler = handlers.length > 1 ? handlers.shift() : handlers[0];
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      (handler ?? problem(404, `no route ${route}`))(request, response, Buffer.concat(chunks).toString());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    on: (route, ...handlers) => void routes.set(route, [...handlers]),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers with JSON. */
export function json(content: unknown, status = 200): Handler {
  return (_request, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(content));
  };
}

/** Answers with problem details. */
export function problem(status: number, title: string, errors?: Problem['errors']): Handler {
  const content: Problem = {
    type: 'about:blank',
    title,
    status,
    detail: `details of ${title}`,
    ...(errors ? { errors } : {}),
  };
  return (_request, response) => {
    response.writeHead(status, { 'Content-Type': 'application/problem+json' }).end(JSON.stringify(content));
  };
}

/** Cuts the connection without an answer. */
export const hangUp: Handler = (request) => void request.socket.destroy();

/** Sends server-sent events; `then` says whether the stream ends, breaks or stays open. */
export function events(chunks: readonly string[], then: 'end' | 'break' | 'stay'): Handler {
  return (request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.flushHeaders();
    for (const chunk of chunks) response.write(chunk);
    if (then === 'end') response.end();
    // Not at once, so that what was written leaves first.
    if (then === 'break') response.write(': bye\n\n', () => setImmediate(() => request.socket.destroy()));
  };
}

export function sse(event: string, data: unknown, id?: number): string {
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
}
