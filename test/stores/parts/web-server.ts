import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { startNginx } from '../../operations/nginx.js';
import type { Operation } from '../../operations/operation.js';

/** nginx with ranges, before a folder of this disk. */
export interface WebServer {
  /** http://127.0.0.1:PORT */
  readonly url: string;
  readonly folder: string;
  put(path: string, bytes: Uint8Array): Promise<void>;
}

/** nginx's ETag is the second of the last change, and the size. */
let second = Date.now() / 1_000 - 1_000_000;

interface WebServerOptions {
  /** More directives of its `server` block: locations, limits. */
  readonly server?: string;
  /** What stands beside that block: maps, zones. */
  readonly http?: string;
}

export async function startWebServer(
  operation: Operation,
  { server = '', http = '' }: WebServerOptions = {},
): Promise<WebServer> {
  const folder = join(operation.folder, 'web');
  await mkdir(folder);
  const [port, checkPort] = [await operation.freePort(), await operation.freePort()];
  const blocks = [
    http,
    `server { listen 127.0.0.1:${port}; root ${folder}; ${server} }`,
    `server { listen 127.0.0.1:${checkPort}; return 204; }`,
  ];
  await startNginx(operation, blocks.join('\n'), checkPort);
  return {
    url: `http://127.0.0.1:${port}`,
    folder,
    async put(path, bytes) {
      const file = join(folder, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, bytes);
      second += 1;
      await utimes(file, second, second);
    },
  };
}

/** The directive that makes it stand in front of a server of buckets, whose signatures cover the name it is asked by. */
export const inFrontOf = (url: string): string =>
  `location / { proxy_pass ${url}; proxy_set_header Host $http_host; proxy_buffering off; client_max_body_size 0; }`;
