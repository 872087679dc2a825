import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { runCommand } from '#provision';
import { documentedExample } from '../documented-example.js';
import { selfSigned, startNginx } from '../nginx.js';
import type { Scenario } from '../scenario.js';
import { signedIn, trainByHand } from '../signed-in.js';
import { LARGER_MODEL } from '../../support/training-stack.js';

const NAME = 'train.example';
const CLI_TIMEOUT_MS = 60_000;
const MIB = 2 ** 20;

/** More than nginx takes by itself. */
async function largeImage(): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
  const image = await sharp({ create: { width: 1_200, height: 900, channels: 3, background: 'grey', noise } })
    .png()
    .toBuffer();
  if (image.length <= MIB) throw new Error(`the image has ${image.length} bytes only`);
  return image;
}

export const nginxPrefix: Scenario = {
  name: 'nginx-prefix',
  about: "the documentation's nginx: TLS and a path prefix, for browser, CLI, event stream, docs, queues and downloads",
  packages: ['nginx-light', 'openssl', 'curl', ...(existsSync('/usr/bin/chromium') ? [] : ['chromium'])],
  async run(operation) {
    const apiKey = operation.secret();
    const stack = await operation.startStack({
      env: { SKIPLANE_API_KEY: apiKey, SKIPLANE_TRUSTED_PROXIES: 'loopback' },
    });
    const [port, checkPort] = [await operation.freePort(), await operation.freePort()];
    const { certificate, key } = await selfSigned(operation.folder, NAME);
    const server = await documentedExample('.docs/proxy.md', 'nginx', {
      'listen 443 ssl': `listen 127.0.0.1:${port} ssl`,
      'http://127.0.0.1:3000': stack.stack.url,
      '/etc/ssl/train.example.pem': certificate,
      '/etc/ssl/train.example.key': key,
    });
    await startNginx(operation, `${server}\nserver { listen 127.0.0.1:${checkPort}; return 204; }`, checkPort);
    const root = `https://${NAME}:${port}/skiplane`;

    await using browser = await signedIn(`${root}/`, apiKey);
    const { page, refused } = browser;
    const id = await trainByHand(page, stack.spec({ model: LARGER_MODEL }));
    const [cookie] = await page.context().cookies();
    if (cookie?.secure !== true || cookie.path !== '/skiplane')
      throw new Error(`the session's cookie: ${JSON.stringify(cookie)}`);
    await page.goto(`${root}/runs/${id}`);
    await page.locator('h1 .badge[data-state="finished"]').waitFor();
    const downloads = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download weights', exact: true }).click();
    const { length } = await readFile(await (await downloads).path());
    if (length < MIB) throw new Error(`the weights are ${length} bytes`);
    await page.getByRole('link', { name: 'Queues' }).click();
    await page.getByText('Bull Dashboard').first().waitFor();
    await page.goto(`${root}/docs`);
    await page.locator('.servers').getByText('/skiplane').first().waitFor({ state: 'attached' });
    if (refused.length > 0) throw new Error(`refused: ${refused.join(', ')}`);

    // A program: curl, with the name and the certificate as they are.
    const curl = (path: string, ...args: readonly string[]): Promise<string> => {
      const address = ['--resolve', `${NAME}:${port}:127.0.0.1`, '--cacert', certificate, `${root}${path}`];
      const asked = ['-sS', '--max-time', '30', '-H', `X-API-Key: ${apiKey}`, ...args, ...address];
      return runCommand('curl', asked, { timeoutMs: CLI_TIMEOUT_MS });
    };
    const file = join(operation.folder, 'run.json');
    await writeFile(file, JSON.stringify(stack.spec({ epochs: 50 })));
    const submitted = await curl('/v1/runs', '-i', '-H', 'Content-Type: application/json', '--data-binary', `@${file}`);
    const second = /^location: \/skiplane\/v1\/runs\/(\S+)/im.exec(submitted)?.[1];
    if (second === undefined) throw new Error(`submitted: ${submitted}`);
    // Twice a second while it trains: nginx holds nothing back.
    const eventsFile = join(operation.folder, 'events.txt');
    // curl calls it an error that it ended what was not over.
    const followed = curl(`/v1/runs/${second}/events`, '--max-time', '8', '-N', '-o', eventsFile);
    await followed.catch(() => undefined);
    const events = await readFile(eventsFile, 'utf8');
    const numProgress = events.split('event: progress').length - 1;
    if (numProgress < 4) throw new Error(`${numProgress} progress events in 8 s: ${events.slice(0, 300)}`);
    await curl(`/v1/runs/${second}/cancel`, '-X', 'POST');
    const picture = join(operation.folder, 'large.png');
    await writeFile(picture, await largeImage());
    const predicted = await curl(`/v1/runs/${id}/predict?top=1`, '--data-binary', `@${picture}`);
    if (!predicted.includes('"probability"')) throw new Error(`predicted: ${predicted.slice(0, 300)}`);
    const health = await curl('/health/ready');
    if (!health.includes('ok')) throw new Error(`ready: ${health}`);

    const cli = new URL('../../../../apps/cli/bin/skiplane.mjs', import.meta.url).pathname;
    const env = { ...process.env, SKIPLANE_URL: `https://localhost:${port}/skiplane`, SKIPLANE_API_KEY: apiKey };
    const shown = await runCommand(process.execPath, [cli, 'show', id, '--json'], {
      timeoutMs: CLI_TIMEOUT_MS,
      env: { ...env, NODE_EXTRA_CA_CERTS: certificate },
    });
    if (!shown.includes('"finished"')) throw new Error(`the CLI: ${shown.slice(0, 300)}`);
  },
};
