import { createServer } from 'node:net';

const PREFERRED_PORT = 3000;

/** The port that was asked for, which the stack refuses if it is taken; without a wish 3000 if free, else 0 for any. */
export async function choosePort(
  wanted: number | undefined,
  host: string,
  preferred = PREFERRED_PORT,
): Promise<number> {
  if (wanted !== undefined) return wanted;
  const server = createServer();
  try {
    await new Promise<void>((done, fail) => server.once('error', fail).listen(preferred, host, done));
    return preferred;
  } catch {
    // Taken, or not allowed (below 1024): either way it cannot be had.
    return 0;
  } finally {
    await new Promise((closed) => server.close(closed));
  }
}
