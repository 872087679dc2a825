import { existsSync } from 'node:fs';
import { startNginx } from '../nginx.js';
import type { Operation } from '../operation.js';
import { startRedisServer } from '../redis-server.js';
import type { Scenario } from '../scenario.js';
import { signedIn, trainByHand } from '../signed-in.js';

/** A name for which plain HTTP is not trustworthy, so that a browser says nothing of where a request comes from. */
const NAME = 'train.example';

const proxied = (port: number, target: string): string => `  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass ${target}; }
  }`;

/** Asks as a person whose browser knows nginx by its name, while nginx tells the coordinator its upstream's. */
async function refusesChange(url: string, headers: Readonly<Record<string, string>>): Promise<void> {
  const response = await fetch(`${url}/v1/runs`, { method: 'POST', body: '{}', headers });
  if (response.status !== 403) throw new Error(`a page of another site was answered with ${response.status}`);
}

async function keylessRefuses(operation: Operation, port: number, keylessPort: number): Promise<void> {
  const redis = await startRedisServer(operation, 'redis-of-keyless');
  const env = { REDIS_URL: redis.url, PORT: String(keylessPort), SKIPLANE_DATA_DIR: `${operation.folder}/keyless` };
  operation.startApp('coordinator', env, 'coordinator-without-key');
  const url = `http://127.0.0.1:${keylessPort}`;
  await operation.until(
    'a coordinator without a key',
    () => fetch(`${url}/v1/runs`).then(({ status }) => status),
    (status) => status === 200,
  );
  const response = await fetch(`http://127.0.0.1:${port}/v1/runs`);
  const text = await response.text();
  if (response.status !== 403 || !text.includes('SKIPLANE_API_KEY must be set'))
    throw new Error(`without a key nginx got ${response.status} ${text}`);
  if (!(await fetch(`http://127.0.0.1:${port}/health/ready`)).ok) throw new Error('readiness was refused');
}

export const nginxPlain: Scenario = {
  name: 'nginx-plain',
  about: 'a bare proxy_pass: sign-in, submission and a live run with a key; without one it is refused in words',
  packages: ['nginx-light', ...(existsSync('/usr/bin/chromium') ? [] : ['chromium'])],
  async run(operation) {
    const apiKey = operation.secret();
    const stack = await operation.startStack({ env: { SKIPLANE_API_KEY: apiKey } });
    const [port, toKeylessPort, keylessPort] = [
      await operation.freePort(),
      await operation.freePort(),
      await operation.freePort(),
    ];
    const servers = [proxied(port, stack.stack.url), proxied(toKeylessPort, `http://127.0.0.1:${keylessPort}`)];
    await startNginx(operation, servers.join('\n'), port);
    await using browser = await signedIn(`http://${NAME}:${port}/`, apiKey);
    const { page, refused } = browser;
    await trainByHand(page, stack.spec());
    if (refused.length > 0) throw new Error(`refused: ${refused.join(', ')}`);

    const [cookie] = await page.context().cookies();
    const url = `http://127.0.0.1:${port}`;
    const session = { cookie: `${cookie?.name}=${cookie?.value}`, 'content-type': 'application/json' };
    await refusesChange(url, { ...session, origin: 'http://evil.example' });
    await refusesChange(url, { ...session, origin: `http://${NAME}:${port}`, 'sec-fetch-site': 'same-site' });
    await keylessRefuses(operation, toKeylessPort, keylessPort);
  },
};
