import { once } from 'node:events';
import { createServer } from 'node:net';

/** A loopback port that nobody listens on now. */
export async function freePort(): Promise<number> {
  return await listenBriefly(0);
}

/** Whether somebody could listen on this port now; if not, the system's code for why (`EADDRINUSE`, `EACCES`). */
export async function whyNotFree(port: number, host: string): Promise<string | undefined> {
  try {
    await listenBriefly(port, host);
    return undefined;
  } catch (error) {
    return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
  }
}

async function listenBriefly(port: number, host = '127.0.0.1'): Promise<number> {
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  return address.port;
}
