import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { runListSchema, type RunSummary } from '#contracts';
import { TestStack } from '../../apps/coordinator/src/testing/test-stack.js';
import { until } from '../../apps/coordinator/src/testing/until.js';
import { buildDashboard, type BuiltDashboard } from './built-dashboard.js';
import { launchBrowser, NO_BROWSER_REASON, openPage } from '../support/browser.js';
import { reverseProxy, type ReverseProxy } from './reverse-proxy.js';

const KEY = 'a long enough key';
/** A name for which plain HTTP is not trustworthy, so that a browser says nothing of where a request comes from. */
const NAME = 'train.example';

/** What a run of a few images needs. */
const FEW = { name: 'on-pets', lanes: 1, laneBatchSize: 2, epochs: 1, optimizer: {} };

jest.setTimeout(60_000);

if (NO_BROWSER_REASON !== null) console.warn(`The browser tests of proxies are skipped: ${NO_BROWSER_REASON}.`);

/** The dashboard of a real coordinator with a key, seen through a proxy. */
(NO_BROWSER_REASON === null ? describe : describe.skip)('dashboard behind a proxy', () => {
  let dashboard: BuiltDashboard;
  let browser: Browser;
  let stack: TestStack;
  let proxy: ReverseProxy | undefined;

  beforeAll(async () => {
    dashboard = await buildDashboard();
    [stack, browser] = await Promise.all([
      TestStack.open(),
      launchBrowser([`--host-resolver-rules=MAP ${NAME} 127.0.0.1`]),
    ]);
    await stack.start({ apiKey: KEY, trustedProxies: ['loopback'] }, { dashboardDirectory: dashboard.folder });
    await stack.fleet.add('w1');
  });
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    await proxy?.[Symbol.asyncDispose]();
    proxy = undefined;
  });
  afterAll(async () => {
    await browser.close();
    await stack[Symbol.asyncDispose]();
    await dashboard[Symbol.asyncDispose]();
  });

  const signIn = async (page: Page): Promise<void> => {
    await page.getByLabel('The value of SKIPLANE_API_KEY').fill(KEY);
    await page.getByRole('button', { name: 'Enter' }).click();
    await page.getByRole('heading', { name: 'Runs', exact: true }).waitFor();
  };
  /** What the page asks of the coordinator from now on and is refused. */
  const refusedTo = (page: Page): readonly string[] => {
    const refused: string[] = [];
    page.on('response', (response) => {
      const url = response.url();
      if (response.status() >= 400 && url.includes(NAME)) refused.push(`${response.status()} ${url}`);
    });
    return refused;
  };
  const submit = async (page: Page, name: string): Promise<void> => {
    await page.getByRole('link', { name: 'New run' }).first().click();
    await page.getByRole('textbox').fill(JSON.stringify({ ...stack.spec(), name }));
    await page.getByRole('button', { name: /Submit/ }).click();
    await page.getByRole('heading', { level: 1, name }).waitFor();
  };
  const runs = async (): Promise<RunSummary[]> => {
    const response = await fetch(`${stack.url}/v1/runs`, { headers: { 'X-API-Key': KEY } });
    return runListSchema.parse(await response.json()).runs;
  };

  it('signs in and submits a run through a proxy that passes on neither name nor prefix', async () => {
    proxy = await reverseProxy({ target: stack.url });
    const { page } = await openPage(browser, `http://${NAME}:${proxy.port}/`);
    await signIn(page);
    await submit(page, 'plain');
    expect((await runs()).map(({ name }) => name)).toContain('plain');
  });

  it('works under a prefix: login, submission, live run, deep links, downloads, docs and queues', async () => {
    const headers = { 'x-forwarded-prefix': '/skiplane', 'x-forwarded-host': NAME, 'x-forwarded-for': '198.51.100.7' };
    proxy = await reverseProxy({ target: stack.url, prefix: '/skiplane', headers });
    const root = `http://${NAME}:${proxy.port}/skiplane`;
    const { page } = await openPage(browser, `${root}/workers`);
    await signIn(page);
    const refused = refusedTo(page);
    // Half of the run's rounds: it stops there until the test lets it go on.
    stack.fleet.untilRound = 4;
    await submit(page, 'prefixed');
    await page.waitForURL(/\/skiplane\/runs\/[^/]+$/);
    await page.getByText('live', { exact: true }).waitFor();
    const deep = page.url();
    stack.fleet.untilRound = Infinity;
    await page.locator('h1 .badge[data-state="finished"]').waitFor();
    await page.goto(`${root}?state=finished`);
    await page.getByRole('table', { name: 'Runs' }).getByText('prefixed').waitFor();
    expect(page.url()).toBe(`${root}/?state=finished`);
    await page.goto(deep);
    await page.getByRole('heading', { level: 1, name: 'prefixed' }).waitFor();
    const skip = page.getByRole('link', { name: 'Skip to content' });
    await skip.focus();
    await page.keyboard.press('Enter');
    expect(page.url()).toBe(deep);
    const id = deep.split('/').at(-1) ?? '';
    const hrefs = await page.evaluate<string[]>(`[...document.querySelectorAll('a')].map((link) => link.href)`);
    expect(hrefs.filter((href) => !href.startsWith(`${root}/`))).toEqual([]);
    expect(hrefs).toContain(`${root}/v1/runs/${id}/exports/onnx`);
    await page.getByRole('link', { name: 'Queues' }).click();
    await page.getByText('Bull Dashboard').first().waitFor();
    await page.goto(`${root}/docs`);
    await page.getByText('/v1/workers').first().waitFor();
    expect(await page.locator('.servers').innerText()).toContain('/skiplane');
    expect(refused).toEqual([]);
    await until(runs, (known) => known.some(({ name, state }) => name === 'prefixed' && state === 'finished'));
  });

  it('surveys a data set under a prefix, shows its samples and trains on it', async () => {
    proxy = await reverseProxy({
      target: stack.url,
      prefix: '/skiplane',
      headers: { 'x-forwarded-prefix': '/skiplane' },
    });
    const root = `http://${NAME}:${proxy.port}/skiplane`;
    const { page } = await openPage(browser, `${root}/`);
    await signIn(page);
    const refused = refusedTo(page);
    await page.goto(`${root}/datasets?add`);
    await page.getByLabel('Name').fill('pets');
    await page.getByLabel('Location').fill(stack.datasetPath);
    await page.getByRole('button', { name: 'Add and survey' }).click();
    await page.getByText('ready', { exact: true }).waitFor();
    expect(page.url()).toBe(`${root}/datasets/pets`);
    await page.getByText('2 classes').waitFor();
    await page.getByRole('radio', { name: 'As augmented' }).click();
    await page.locator('.sample-wall button').first().click();
    const images = page.getByRole('dialog').getByRole('img');
    await images.nth(6).waitFor();
    const widths = await images.evaluateAll((found) =>
      Promise.all(
        (found as { decode(): Promise<void>; naturalWidth: number }[]).map(async (image) => {
          await image.decode();
          return image.naturalWidth;
        }),
      ),
    );
    expect(Math.min(...widths)).toBeGreaterThan(0);
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Train on it' }).click();
    const editor = page.getByRole('textbox', { name: 'Spec as JSON' });
    const spec = JSON.parse(await editor.inputValue()) as Record<string, unknown>;
    await editor.fill(JSON.stringify({ ...stack.spec(), ...spec, ...FEW }));
    await page.getByRole('button', { name: 'Submit' }).click();
    await page.getByRole('link', { name: 'pets@1' }).click();
    await page.getByRole('table', { name: 'Runs of the data set' }).getByRole('link', { name: 'on-pets' }).waitFor();
    expect(refused).toEqual([]);
  });
});
