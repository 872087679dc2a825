import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below what Linux, macOS and Windows lend to outgoing connections: a server that is started again finds its port free,
 * which a connection of somebody's would hold otherwise.
 */
const [FIRST, LAST] = [10_000, 32_767];
const NUM_ATTEMPTS = 100;

/**
 * A loopback port that nobody listens on now.
 * @throws Error where a hundred drawn at random are all taken.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < NUM_ATTEMPTS; attempt += 1) {
    const port = randomInt(FIRST, LAST + 1);
    if (await isFree(port)) return port;
  }
  throw new Error(`no port between ${FIRST} and ${LAST} is free on 127.0.0.1 (${NUM_ATTEMPTS} were tried)`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
