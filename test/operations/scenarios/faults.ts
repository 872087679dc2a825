import { healthSchema } from '#contracts';
import { createRedisConnection } from '#queue';
import { silentLogger } from '#telemetry';
import { launchBrowser, openPage } from '../../support/browser.js';
import type { Operation } from '../operation.js';
import { runSkiplane } from '../run-skiplane.js';
import type { Scenario } from '../scenario.js';

const KIND = 'redis-eviction';
const WORDS = 'maxmemory-policy allkeys-lru';

/** Somebody lets Redis throw things away, and takes it back. */
export const faults: Scenario = {
  name: 'faults',
  about:
    'a fault is in GET /v1/health, in the metrics, in skiplane status and on the dashboard, and gone when it is over',
  packages: [],
  async run(operation) {
    const { stack } = await operation.startStack();
    const redis = createRedisConnection(stack.redisUrl, { purpose: 'commands', logger: silentLogger() });
    try {
      await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
      await isListed(operation, stack.url, true);
      await tellsEverywhere(operation, stack.url);
      await redis.config('SET', 'maxmemory-policy', 'noeviction');
      await isListed(operation, stack.url, false);
    } finally {
      redis.disconnect();
    }
    const metrics = await (await fetch(`${stack.url}/metrics`)).text();
    if (metrics.includes(`kind="${KIND}"`)) throw new Error('the metric is still there when the fault is over');
  },
};

async function isListed(operation: Operation, url: string, isWanted: boolean): Promise<void> {
  await operation.until(
    `${KIND} to be ${isWanted ? 'listed' : 'gone'}`,
    async () => healthSchema.parse(await (await fetch(`${url}/v1/health`)).json()),
    (health) => health.faults.some(({ kind }) => kind === KIND) === isWanted,
  );
}

async function tellsEverywhere(operation: Operation, url: string): Promise<void> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  if (!metrics.includes(`skiplane_fault{kind="${KIND}",subject="redis"} 1`))
    throw new Error('there is no metric of it');
  operation.note('REST and metrics tell of it');

  const status = await runSkiplane(['status', '--url', url]);
  if (status.code !== 1 || !status.text.includes(WORDS)) throw new Error(`status: ${JSON.stringify(status)}`);
  const logs = await runSkiplane(['logs', 'coordinator', '--url', url]);
  if (logs.code !== 0 || !logs.text.includes(WORDS)) throw new Error(`logs: ${JSON.stringify(logs)}`);
  operation.note('skiplane status and skiplane logs tell of it');

  const browser = await launchBrowser();
  try {
    const { page } = await openPage(browser, url);
    const alert = page.getByRole('alert').filter({ hasText: WORDS });
    await alert.locator('summary').click();
    await alert.getByText('set maxmemory-policy noeviction').waitFor();
    await page.goto(`${url}/logs/coordinator`);
    await page.getByLabel('Lines of coordinator').getByText(WORDS).waitFor();
  } finally {
    await browser.close();
  }
  operation.note('the dashboard tells of it');
}
