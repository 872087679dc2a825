import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { launchBrowser, NO_BROWSER_REASON, openPage } from '../support/browser.js';
import { setScene } from './fixture-scene.js';
import { FixtureServer } from './fixture-server.js';

jest.setTimeout(60_000);

if (NO_BROWSER_REASON !== null) console.warn(`The browser tests are skipped: ${NO_BROWSER_REASON}.`);

(NO_BROWSER_REASON === null ? describe : describe.skip)('the dashboard of a coordinator that is not well', () => {
  let browser: Browser;
  const server = new FixtureServer(resolve('dist/apps/dashboard'));

  beforeAll(async () => {
    // Jest's NODE_ENV would make it a development build.
    const env = { ...process.env, NODE_ENV: 'production' };
    await promisify(execFile)(process.execPath, ['node_modules/vite/bin/vite.js', 'build', 'apps/dashboard'], { env });
    browser = await launchBrowser();
    await server.start();
    setScene(server, Date.now());
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  it('says on every page what is wrong, for as long as it is', async () => {
    server.faults = [{ path: 'disk', message: 'the disk of /data is full: nothing is lost' }];
    const { page } = await openPage(browser, `${server.url}/workers`);
    const alert = page.getByRole('alert').filter({ hasText: 'the disk of /data is full' });
    await alert.waitFor();
    await page.getByRole('link', { name: 'Runs', exact: true }).click();
    await page.getByRole('table', { name: 'Runs' }).waitFor();
    expect(await alert.count()).toBe(1);
    server.faults = [];
    await alert.waitFor({ state: 'detached' });
  });

  it('lists records that cannot be read, with the reason', async () => {
    server.unreadable = [{ id: '20200101-000000-0001', reason: 'run.json is cut off or damaged: it is no JSON' }];
    const { page, errors } = await openPage(browser, server.url);
    await page.getByRole('table', { name: 'Runs' }).waitFor();
    const words = '20200101-000000-0001: run.json is cut off or damaged: it is no JSON';
    expect(await page.getByRole('listitem').filter({ hasText: '20200101' }).innerText()).toBe(words);
    expect(errors).toEqual([]);
  });
});
