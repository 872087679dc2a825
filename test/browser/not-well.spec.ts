import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Fault } from '#contracts';
import type { Browser } from 'playwright-core';
import { buildDashboard, type BuiltDashboard } from './built-dashboard.js';
import { launchBrowser, NO_BROWSER_REASON, openPage } from '../support/browser.js';
import { setScene } from './fixture-scene.js';
import { FixtureServer } from './fixture-server.js';

jest.setTimeout(60_000);

const FAULT: Fault = {
  kind: 'disk',
  subject: 'coordinator',
  message: '',
  since: 1,
  advice: 'make room',
  severity: 'warning',
};

if (NO_BROWSER_REASON !== null) console.warn(`The browser tests are skipped: ${NO_BROWSER_REASON}.`);

(NO_BROWSER_REASON === null ? describe : describe.skip)('the dashboard of a coordinator that is not well', () => {
  let dashboard: BuiltDashboard;
  let browser: Browser;
  let server: FixtureServer;

  beforeAll(async () => {
    dashboard = await buildDashboard();
    server = new FixtureServer(dashboard.folder);
    browser = await launchBrowser();
    await server.start();
    setScene(server, Date.now());
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
    await dashboard[Symbol.asyncDispose]();
  });

  it('says on every page what is wrong, for as long as it is', async () => {
    server.faults = [
      { ...FAULT, kind: 'disk', message: 'the disk of /data is full: nothing is lost', severity: 'error' },
      { ...FAULT, kind: 'worker-clock', message: 'the clock of worker-a is 90 s ahead', advice: 'set the clock' },
    ];
    const { page } = await openPage(browser, `${server.url}/workers`);
    const alert = page.getByRole('alert').filter({ hasText: 'the disk of /data is full' });
    await alert.waitFor();
    expect(await alert.locator('summary').innerText()).toMatch(/^2 faults: the disk of \/data is full/);
    const list = alert.getByRole('list', { name: 'Faults' });
    expect(await list.isVisible()).toBe(false);
    await alert.locator('summary').press('Enter');
    expect(await list.getByRole('listitem').allInnerTexts()).toEqual([
      expect.stringContaining('What to do: make room.'),
      expect.stringContaining('What to do: set the clock.'),
    ]);
    await page.getByRole('link', { name: 'Runs', exact: true }).click();
    await page.getByRole('table', { name: 'Runs' }).waitFor();
    expect(await alert.count()).toBe(1);
    server.faults = [];
    await alert.waitFor({ state: 'detached' });
  });

  it('shows the log of a process and goes on with what is written', async () => {
    server.logs.write('coordinator', 'listening');
    server.logs.write('worker-1', 'one');
    const { page, errors } = await openPage(browser, `${server.url}/logs`);
    await page.getByRole('navigation', { name: 'Logs' }).getByRole('link', { name: 'worker-1' }).click();
    const lines = page.getByLabel('Lines of worker-1');
    await lines.getByText('one').waitFor();
    server.logs.write('worker-1', 'two');
    await lines.getByText('two').waitFor();
    expect(await lines.innerText()).toBe('one\ntwo');
    await page.getByRole('checkbox', { name: 'Follow' }).uncheck();
    expect(errors).toEqual([]);
    server.logs.isKept = false;
    await page.reload();
    await page.getByText('docker compose logs').waitFor();
  });

  it('shows the warnings of a run', async () => {
    const { page } = await openPage(browser, `${server.url}/runs/r-failed`);
    const warnings = page.getByRole('region', { name: 'Warnings' });
    expect(await warnings.getByRole('listitem').innerText()).toContain('Loss is not finite at step 41');
    await page.goto(`${server.url}/runs/r-finished`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(await warnings.count()).toBe(0);
  });

  it('lists records that cannot be read, with the reason', async () => {
    server.unreadable = [{ id: '20200101-000000-0001', reason: 'run.json is cut off or damaged: it is no JSON' }];
    const { page, errors } = await openPage(browser, server.url);
    await page.getByRole('table', { name: 'Runs' }).waitFor();
    const words = '20200101-000000-0001: run.json is cut off or damaged: it is no JSON';
    expect(await page.getByRole('listitem').filter({ hasText: '20200101' }).innerText()).toBe(words);
    expect(errors).toEqual([]);
  });

  it('asks again under the same key where the answer to an evaluation was lost, and under a new one afterwards', async () => {
    const { page } = await openPage(browser, `${server.url}/runs/r-finished`);
    const panel = page.getByRole('region', { name: 'Evaluations' });
    const rows = panel.getByRole('table', { name: 'Evaluations' }).locator('tbody tr');
    const ask = panel.getByRole('button', { name: '10-crop' });
    server.losesNextAnswer = true;
    await ask.click();
    await panel.getByRole('alert').waitFor();
    await rows.waitFor();
    await ask.click();
    await panel.getByRole('alert').waitFor({ state: 'detached' });
    expect(await rows.count()).toBe(1);
    await ask.click();
    await rows.nth(1).waitFor();
  });
});
