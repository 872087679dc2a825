import { createServer, request, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReverseProxyOptions {
  /** Address of the server behind it. */
  readonly target: string;
  /** Taken away from the paths of requests; others are answered with 404. Default: none. */
  readonly prefix?: string;
  /** Headers added to every request; without them it is as nginx is without a word on headers: Host is the target's. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ReverseProxy extends AsyncDisposable {
  readonly port: number;
}

/** Stands between a browser and a server as people's proxies do. */
export async function reverseProxy({ target, prefix = '', headers = {} }: ReverseProxyOptions): Promise<ReverseProxy> {
  const { host } = new URL(target);
  const server = createServer((asked, answer) => {
    const url = asked.url ?? '/';
    if (!`${url.split('?')[0]}/`.startsWith(`${prefix}/`)) {
      answer.writeHead(404, { 'content-type': 'text/plain' }).end(`nothing here but ${prefix}/`);
      return;
    }
    const passed: IncomingHttpHeaders = { ...asked.headers, host, ...headers };
    const onward = request(
      new URL(url.slice(prefix.length), target),
      { method: asked.method, headers: passed },
      (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(answer);
      },
    );
    onward.on('error', () => answer.destroy());
    answer.on('close', () => onward.destroy());
    asked.pipe(onward);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
