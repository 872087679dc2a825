import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { takeFault, type ServerFault } from './faults.js';
import { heldObject, type HeldObject, type Upload } from './held-object.js';
import { listXml } from './list-xml.js';
import { answerMultipart } from './multipart.js';

/**
 * A server of objects over HTTP with ranges, and by the same paths as much of S3 as a client needs for reading, listing and
 * uploads (path style: /bucket/key). It does wrong what `faults` says.
 */
export class ObjectServer {
  /** By path: `bucket/key`. */
  readonly objects = new Map<string, HeldObject>();
  readonly faults: ServerFault[] = [];
  /** Every request: `GET bucket/key`. */
  readonly requests: string[] = [];
  readonly uploads = new Map<string, Upload>();
  /** Requests with a signature. */
  numSigned = 0;
  /** Keys in one answer to a list. */
  pageSize = 1000;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
  }

  static async start(): Promise<ObjectServer> {
    const server = new ObjectServer();
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  /** http://127.0.0.1:PORT */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  put(path: string, bytes: Uint8Array): void {
    this.objects.set(path, heldObject(bytes));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const path = decodeURIComponent(url.pathname.slice(1));
    const { method = 'GET' } = request;
    this.requests.push(`${method} ${path}`);
    if (request.headers.authorization !== undefined) this.numSigned += 1;
    const body = await bodyOf(request);
    const { searchParams: query } = url;
    const fault = takeFault(this.faults, { method, path, query });
    if (fault?.kind === 'status') return refuse(response, fault.status, fault);
    if (fault?.kind === 'silent' && fault.afterBytes === undefined) return;
    if (fault?.kind === 'lost') response.end = () => response.destroy();
    if (answerMultipart(this, { method, path, query, body }, response)) return;
    if (query.get('list-type') === '2') {
      response.setHeader('content-type', 'application/xml').end(listXml(this, path, query));
      return;
    }
    switch (method) {
      case 'PUT':
        if (request.headers['if-none-match'] === '*' && this.objects.has(path)) return refuse(response, 412);
        this.put(path, body);
        response.setHeader('etag', this.objects.get(path)?.etag ?? '').end();
        return;
      case 'DELETE':
        this.objects.delete(path);
        response.writeHead(204).end();
        return;
      default:
        return this.#send(request, response, { path, fault });
    }
  }

  #send(
    { method, headers }: IncomingMessage,
    response: ServerResponse,
    { path, fault }: { readonly path: string; readonly fault: ServerFault['what'] | undefined },
  ): void {
    const found = this.objects.get(path);
    if (found === undefined) return refuse(response, 404, { code: 'NoSuchKey' });
    if (headers['if-match'] !== undefined && headers['if-match'] !== found.etag)
      return refuse(response, 412, { code: 'PreconditionFailed' });
    const total = found.bytes.length;
    const range = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '');
    const from = Number(range?.[1] ?? 0);
    const end = Math.min(total, range?.[2] ? Number(range[2]) + 1 : total);
    if (range !== null && from >= total)
      return refuse(response, 416, { code: 'InvalidRange', headers: { 'content-range': `bytes */${total}` } });
    const sent = found.bytes.subarray(from, end);
    response.writeHead(range === null ? 200 : 206, {
      etag: found.etag,
      'content-length': sent.length,
      'accept-ranges': 'bytes',
      ...(range === null ? {} : { 'content-range': `bytes ${from}-${end - 1}/${total}` }),
    });
    if (method === 'HEAD') response.end();
    else if (fault?.kind === 'cut') response.write(sent.subarray(0, fault.afterBytes), () => response.destroy());
    else if (fault?.kind === 'silent') response.write(sent.subarray(0, fault.afterBytes));
    else response.end(sent);
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

function refuse(
  response: ServerResponse,
  status: number,
  { code = '', headers = {} }: { readonly code?: string; readonly headers?: Record<string, string> } = {},
): void {
  const text = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>refused</Message></Error>`;
  response.writeHead(status, { 'content-type': 'application/xml', ...headers }).end(text);
}
