import { createServer } from 'node:net';
import { RefusedInputError } from '#contracts';

const PREFERRED_PORT = 3000;

/** The port that was asked for if it is free, else a refusal; without a wish 3000, or any free one. */
export async function choosePort(wanted: number | undefined): Promise<number> {
  const free = await tryPort(wanted ?? PREFERRED_PORT);
  if (free !== null) return free;
  if (wanted !== undefined) {
    throw new RefusedInputError(`port ${wanted} is taken: name another one, or leave --port out`, [
      { path: '--port', message: 'taken by another process' },
    ]);
  }
  const any = await tryPort(0);
  if (any === null) throw new RefusedInputError('no port of this machine is free');
  return any;
}

async function tryPort(port: number): Promise<number | null> {
  const server = createServer();
  try {
    await new Promise<void>((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done));
    const address = server.address();
    return address === null || typeof address === 'string' ? null : address.port;
  } catch {
    // Taken, or not allowed (below 1024): either way it cannot be had.
    return null;
  } finally {
    await new Promise((closed) => server.close(closed));
  }
}
