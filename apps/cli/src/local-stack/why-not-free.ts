import { once } from 'node:events';
import { createServer } from 'node:net';

/** Undefined where somebody could listen on this port now, else the system's code for why not (`EADDRINUSE`, `EACCES`). */
export async function whyNotFree(port: number, host: string): Promise<string | undefined> {
  const server = createServer().listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
  }
  server.close();
  await once(server, 'close');
  return undefined;
}
