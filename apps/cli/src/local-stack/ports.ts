import { once } from 'node:events';
import { createServer } from 'node:net';

const PREFERRED_PORT = 3000;

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

/** The port that was asked for, which the stack refuses if it is taken; without a wish 3000 if free, else 0 for any. */
export async function choosePort(
  wanted: number | undefined,
  host: string,
  preferred = PREFERRED_PORT,
): Promise<number> {
  if (wanted !== undefined) return wanted;
  return (await whyNotFree(preferred, host)) === undefined ? preferred : 0;
}
