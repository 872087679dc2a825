import { connect } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostProcess } from '../support/host-process.js';
import type { Operation } from './operation.js';

export interface RedisProxy {
  readonly port: number;
  readonly process: HostProcess;
}

export interface RedisProxyOptions {
  readonly name?: string;
  /** Ports of the servers behind it; with several, the one that says that it is the primary gets the connections. */
  readonly servers: readonly number[];
  /** With it the clients' side is TLS: file of certificate and key. */
  readonly certificate?: string;
}

/** Asks a server for its role, as HAProxy's manual has it. */
const ASK_FOR_PRIMARY = `
  option tcp-check
  tcp-check send PING\\r\\n
  tcp-check expect string +PONG
  tcp-check send info\\ replication\\r\\n
  tcp-check expect string role:master
  tcp-check send QUIT\\r\\n
  tcp-check expect string +OK`;

/** Starts HAProxy before one Redis, or before several of which one is the primary. Connections that stand are kept. */
export async function startRedisProxy(operation: Operation, options: RedisProxyOptions): Promise<RedisProxy> {
  const { name = 'haproxy', servers, certificate } = options;
  const port = await operation.freePort();
  const file = join(operation.folder, `${name}.cfg`);
  const check = servers.length > 1 ? ' check inter 300ms fall 1 rise 1' : '';
  const lines = servers.map((server, index) => `  server redis${index + 1} 127.0.0.1:${server}${check}`);
  await writeFile(
    file,
    `defaults
  mode tcp
  timeout connect 2s
  timeout client 1h
  timeout server 1h
listen redis
  bind 127.0.0.1:${port}${certificate === undefined ? '' : ` ssl crt ${certificate}`}${servers.length > 1 ? ASK_FOR_PRIMARY : ''}
${lines.join('\n')}
`,
  );
  const process = operation.start(name, ['haproxy', '-db', '-f', file]);
  await operation.until(name, () => isOpen(port), Boolean);
  return { port, process };
}

async function isOpen(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const settle = (isThere: boolean): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
