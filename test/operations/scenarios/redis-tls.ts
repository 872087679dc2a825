import { join } from 'node:path';
import { runViewSchema, TERMINAL_STATES } from '#contracts';
import { makeShapesDataset } from '#dataset';
import { runCommand } from '#provision';
import { smallSpec } from '../../support/training-stack.js';
import { makeCertificates } from '../certificates.js';
import { startRedisProxy } from '../haproxy.js';
import type { Operation } from '../operation.js';
import { startRedisServer } from '../redis-server.js';
import type { Scenario } from '../scenario.js';

/** Not after a minute. */
const SAID_WITHIN_MS = 25_000;
const TRAINED_WITHIN_MS = 120_000;

export const redisTls: Scenario = {
  name: 'redis-tls',
  about:
    'rediss:// with a private CA trains; an untrusted certificate, a wrong password and a wrong port are said at once',
  packages: ['haproxy', 'openssl'],
  async run(operation) {
    const password = operation.secret();
    const redis = await startRedisServer(operation, 'redis');
    await redis.command('CONFIG', 'SET', 'requirepass', password);
    const { ca, server } = await makeCertificates(operation.folder);
    const { port } = await startRedisProxy(operation, { servers: [redis.port], certificate: server });
    const url = (scheme: string, at: number, secret = password): string => `${scheme}://:${secret}@127.0.0.1:${at}`;
    const trusted = { NODE_EXTRA_CA_CERTS: ca };

    const wrong: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
      [
        url('rediss', port),
        {},
        /certificate of Redis at .* is not trusted \(.*\): give the file of its CA .* NODE_EXTRA_CA_CERTS/,
      ],
      [url('rediss', port, 'wrong'), trusted, /does not take the user and password of REDIS_URL/],
      [`rediss://127.0.0.1:${port}`, trusted, /asks for a password, and REDIS_URL has none/],
      [url('redis', port), {}, /closes the connection: it may be gone, or expect TLS \(rediss:\/\/\)/],
      [url('rediss', redis.port), trusted, /does not take up TLS|does not speak TLS/],
    ];
    const cli = new URL('../../../../apps/cli/bin/skiplane.mjs', import.meta.url).pathname;
    for (const [index, [redisUrl, more, words]] of wrong.entries()) {
      const env = {
        ...more,
        REDIS_URL: redisUrl,
        PORT: String(await operation.freePort()),
        SKIPLANE_DATA_DIR: operation.folder,
        SKIPLANE_DEVICE: 'cpu',
      };
      const started = Date.now();
      const up = await runCommand(process.execPath, [cli, 'up'], {
        timeoutMs: SAID_WITHIN_MS,
        env: { ...process.env, ...env },
      }).catch((error: unknown) =>
        typeof error === 'object' && error !== null && 'tail' in error ? error.tail : error,
      );
      if (!words.test(String(up))) throw new Error(`skiplane up does not say ${words}: ${String(up)}`);
      for (const app of ['coordinator', 'worker']) {
        const program = operation.startApp(app, env, `${app}-${index}`);
        await operation.until(
          `${words} of ${app}`,
          () => operation.log(`${app}-${index}`),
          (log) => words.test(log),
          SAID_WITHIN_MS,
        );
        await program.stop();
      }
      operation.note(`${words} said by launcher, coordinator and worker within ${Date.now() - started} ms together`);
    }
    await trainsWith(operation, [process.execPath, cli, 'up'], { ...trusted, REDIS_URL: url('rediss', port) });
  },
};

/** With the launcher as a process of its own: Node reads NODE_EXTRA_CA_CERTS once, when it starts. */
async function trainsWith(
  operation: Operation,
  up: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const { folder } = operation;
  await makeShapesDataset(join(folder, 'shapes'), { numTrain: 320, numVal: 60, imageSize: 20, seed: 1 });
  const port = await operation.freePort();
  const options = ['--port', String(port), '--workers', '1', '--parameter-servers', '1', '--device', 'cpu'];
  const launcher = operation.start('up', [...up, ...options], { ...env, SKIPLANE_DATA_DIR: join(folder, 'data') });
  const ask = async (path: string, init: RequestInit = {}): Promise<unknown> =>
    (await fetch(`http://127.0.0.1:${port}/v1/runs${path}`, { ...init, signal: AbortSignal.timeout(30_000) })).json();
  await operation.until(
    'the stack',
    () => ask(''),
    (runs) => launcher.hasEnded || typeof runs === 'object',
  );
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify(smallSpec(folder));
  const { id } = runViewSchema.parse(await ask('', { method: 'POST', headers, body }));
  const view = await operation.until(
    'the end of the run',
    async () => runViewSchema.parse(await ask(`/${id}`)),
    ({ state }) => TERMINAL_STATES.includes(state),
    TRAINED_WITHIN_MS,
  );
  await launcher.stop();
  const { weightsSha256 } = await operation.undisturbed();
  if (view.weightsSha256 !== weightsSha256)
    throw new Error(`${view.state} with other weights: ${view.weightsSha256}, undisturbed ${weightsSha256}`);
}
