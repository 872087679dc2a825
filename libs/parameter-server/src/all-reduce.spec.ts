import { afterEach, describe, expect, it } from '@jest/globals';
import { silentLogger } from '#telemetry';
import { ParameterServerClient } from './client.js';
import { ParameterServer } from './server.js';

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

describe('all-reduce', () => {
  it('sums two workers over two servers', async () => {
    const servers: ParameterServer[] = [];
    for (let i = 0; i < 2; i += 1) {
      const server = new ParameterServer({ port: 0, logger: silentLogger() });
      await server.start();
      closing.push(() => server.close());
      servers.push(server);
    }
    const length = 600_000;
    const roots: Promise<Float32Array>[] = [];
    const clients: ParameterServerClient[] = [];
    for (const workerId of ['a', 'b']) {
      roots.push(
        new Promise((resolve) => {
          const client = new ParameterServerClient({
            servers: servers.map(({ address }) => address),
            runId: 'r',
            incarnation: 1,
            lanes: 2,
            token: null,
            workerId,
            logger: silentLogger(),
            listener: {
              root: (_round, vector) => resolve(vector),
              members: () => undefined,
              provideState: async () => null,
            },
          });
          clients.push(client);
          closing.push(() => client.leave());
        }),
      );
    }
    await Promise.all(clients.map((client) => client.connect()));
    clients.forEach((client, lane) => {
      client.ready(0);
      client.push(
        0,
        { lo: lane, hi: lane + 1 },
        new Float32Array(length).map((_, i) => i + lane),
      );
    });
    for (const root of await Promise.all(roots)) {
      expect(root.every((value, i) => value === 2 * i + 1)).toBe(true);
    }
  });
});
