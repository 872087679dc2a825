import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { buildDashboard, type BuiltDashboard } from './built-dashboard.js';
import { launchBrowser, NO_BROWSER_REASON, openPage } from '../support/browser.js';
import { chartPixels, laneOwner, scrollsSideways, waitForNewestStep } from './page-facts.js';
import { FixtureServer } from './fixture-server.js';
import { moveLane, nextSteps, type Scene, setSlowness, setScene } from './fixture-scene.js';

const PHONE = { viewport: { width: 390, height: 844 } };

jest.setTimeout(60_000);

if (NO_BROWSER_REASON !== null) console.warn(`The browser tests are skipped: ${NO_BROWSER_REASON}.`);

(NO_BROWSER_REASON === null ? describe : describe.skip)('dashboard', () => {
  let dashboard: BuiltDashboard;
  let browser: Browser;
  let server: FixtureServer;
  let scene: Scene;
  let faults: string[][];

  const open = async (path: string, options: BrowserContextOptions = {}): Promise<Page> => {
    const { page, errors } = await openPage(browser, `${server.url}${path}`, options);
    faults.push(errors);
    return page;
  };

  beforeAll(async () => {
    dashboard = await buildDashboard();
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await dashboard[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    server = new FixtureServer(dashboard.folder);
    await server.start();
    scene = setScene(server, Date.now());
    faults = [];
  });
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    await server.close();
  });

  it('lists runs with state, progress, reason and figures, and filters them by state', async () => {
    const page = await open('/');
    const rows = page.getByRole('table', { name: 'Runs' }).locator('tbody tr');
    await rows.nth(5).waitFor();
    const running = rows.filter({ hasText: 'resnet20-shapes' });
    expect(await running.innerText()).toMatch(/running[\s\S]*74 %[\s\S]*90\.\d %/);
    expect(await rows.filter({ hasText: 'resnet56-sweep' }).innerText()).toContain('Waits for workers');
    await page.getByRole('radio', { name: 'failed' }).click();
    await rows.nth(1).waitFor({ state: 'detached' });
    expect(await rows.innerText()).toContain('Loss is not finite');
    expect(new URL(page.url()).search).toBe('?state=failed');
    expect(faults.flat()).toEqual([]);
  });

  it('draws four charts and goes on drawing as steps arrive', async () => {
    const page = await open('/runs/r-running');
    await page.getByRole('heading', { name: 'Loss' }).waitFor();
    const before = await chartPixels(page);
    expect(before).toHaveLength(4);
    for (const count of before) expect(count).toBeGreaterThan(500);
    const { steps } = scene.running;
    const last = steps.length;
    server.sendSteps(scene.running, nextSteps(scene, 40));
    server.sendProgress(scene.running);
    await waitForNewestStep(page, last + 40);
    expect(faults.flat()).toEqual([]);
  });

  it('switches the x axis, in the charts and in the address, and opens such an address', async () => {
    const page = await open('/runs/r-running?x=epoch');
    const charts = page.locator('.chart');
    await page.locator('.chart[data-x-axis="epoch"]').first().waitFor();
    await charts
      .first()
      .locator('.chart-place')
      .getByText(/^epoch 22\.\d\d$/)
      .waitFor();
    await page.getByRole('radio', { name: 'Time' }).click();
    await page.locator('.chart[data-x-axis="time"]').nth(3).waitFor();
    expect(new URL(page.url()).search).toBe('?x=time');
    await charts
      .first()
      .locator('.chart-place')
      .getByText(/^\d+:\d\d elapsed$/)
      .waitFor();
    for (const count of await chartPixels(page)) expect(count).toBeGreaterThan(500);
    expect(faults.flat()).toEqual([]);
  });

  it('moves a lane to the worker that the stream names', async () => {
    const page = await open('/runs/r-running');
    await page.locator('.lanes-token[data-lane="7"]').waitFor();
    await page.getByText('live', { exact: true }).waitFor();
    expect(await laneOwner(page, 7)).toEqual({ workerId: 'worker-c', row: 2 });
    moveLane(scene.running, 7, null);
    server.sendProgress(scene.running);
    await page.getByText('1 waiting for one').waitFor();
    expect(await laneOwner(page, 7)).toEqual({ workerId: '', row: 3 });
    moveLane(scene.running, 7, 'worker-a');
    server.sendProgress(scene.running);
    await page.locator('.lanes-token[data-lane="7"][data-worker="worker-a"]').waitFor();
    expect(await laneOwner(page, 7)).toEqual({ workerId: 'worker-a', row: 0 });
    expect(faults.flat()).toEqual([]);
  });

  it('names the worker that is slow, in its row, and no longer once it keeps up', async () => {
    const page = await open('/runs/r-running');
    await page.locator('.lanes-token[data-lane="7"]').waitFor();
    await page.getByText('live', { exact: true }).waitFor();
    const slowness = { phase: 'compute', ms: 620, othersMs: 200, sinceStep: 41 } as const;
    setSlowness(scene.running, 'worker-b', slowness);
    server.sendProgress(scene.running);
    const row = page.locator('.lanes-row[data-worker="worker-b"]');
    await row.getByText('slow: computing 3.1×').waitFor();
    expect(await page.locator('.lanes-slow').count()).toBe(1);
    setSlowness(scene.running, 'worker-b', null);
    server.sendProgress(scene.running);
    await page.locator('.lanes-slow').waitFor({ state: 'detached' });
    expect(faults.flat()).toEqual([]);
  });

  it('shows journal lines as they come and each of them once after a reconnect', async () => {
    const page = await open('/runs/r-running');
    const lines = page.getByRole('log').locator('li');
    await page.getByText('live', { exact: true }).waitFor();
    server.sendEvent(scene.running, { at: Date.now(), level: 'warning', topic: 'worker', message: 'worker-c left' });
    await page.getByText('worker-c left').waitFor();
    const numLines = await lines.count();
    await server.close();
    await page.getByText('reconnecting…').waitFor();
    await server.start();
    await page.getByText('live', { exact: true }).waitFor();
    server.sendEvent(scene.running, { at: Date.now(), level: 'error', topic: 'data', message: 'a.jpg is unreadable' });
    await page.getByText('a.jpg is unreadable').waitFor();
    expect(await lines.count()).toBe(numLines + 1);
    await page.getByRole('radio', { name: 'Errors' }).click();
    expect(await lines.count()).toBe(1);
  });

  it('says so while the coordinator is away, keeps what it showed, and catches up afterwards', async () => {
    const page = await open('/runs/r-running');
    await page.getByText('live', { exact: true }).waitFor();
    await server.close();
    await page.getByText('Coordinator not reachable.').waitFor();
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toContain('resnet20-shapes');
    const last = scene.running.steps.length;
    scene.running.steps.push(...nextSteps(scene, 25));
    await server.start();
    await page.getByText('Coordinator not reachable.').waitFor({ state: 'detached' });
    await waitForNewestStep(page, last + 25);
  });

  it('evaluates a run by a protocol and shows errors, classes and confusions', async () => {
    const page = await open('/runs/r-finished');
    const panel = page.getByRole('region', { name: 'Evaluations' });
    await panel.getByText('None yet').waitFor();
    await panel.getByRole('button', { name: '10-crop' }).click();
    const row = panel.getByRole('table', { name: 'Evaluations' }).locator('tbody tr');
    await row.waitFor();
    expect(await row.innerText()).toMatch(/10-crop[^]*step 300[^]*10\.00 %[^]*1\.00 %[^]*0\.300/);
    await row.getByRole('button', { name: 'Show' }).click();
    await panel.getByRole('table', { name: 'Classes' }).getByText('hexagon').waitFor();
    const cells = panel.getByRole('img', { name: /Confusion matrix/ }).locator('span');
    expect(await cells.count()).toBe(100);
    expect(await cells.nth(1).getAttribute('title')).toBe('circle taken for cross: 20 (10.0 %)');
    expect(faults.flat()).toEqual([]);
  });

  it('cancels a run only after asking', async () => {
    const page = await open('/runs/r-running');
    await page.getByRole('button', { name: 'Cancel run' }).click();
    await page.getByRole('button', { name: 'Keep training' }).click();
    expect(scene.running.view.state).toBe('running');
    await page.getByRole('button', { name: 'Cancel run' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel run' }).click();
    await page.locator('h1 .badge[data-state="cancelled"]').waitFor();
    expect(scene.running.view.state).toBe('cancelled');
    expect(await page.getByRole('button', { name: 'Cancel run' }).count()).toBe(0);
    expect(faults.flat()).toEqual([]);
  });

  it('follows the system between light and dark until told otherwise, and remembers', async () => {
    const page = await open('/', { colorScheme: 'dark' });
    const theme = (): Promise<unknown> => page.evaluate('document.documentElement.dataset.theme');
    const background = (): Promise<unknown> =>
      page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    expect(await theme()).toBe('dark');
    const dark = await background();
    await page.getByRole('button', { name: /^Theme: auto/ }).click();
    expect(await theme()).toBe('light');
    expect(await background()).not.toBe(dark);
    await page.reload();
    await page.getByRole('button', { name: /^Theme: light/ }).waitFor();
    expect(await theme()).toBe('light');
    expect(faults.flat()).toEqual([]);
  });

  it('fits a phone without scrolling sideways, every view by its own address', async () => {
    const views = ['/', '/runs/r-running', '/runs/r-finished', '/runs/r-failed', '/workers', '/new', '/nowhere'];
    const page = await open('/', PHONE);
    for (const path of views) {
      await page.goto(server.url + path);
      await page.locator('main :is(h1, h2)').first().waitFor();
      expect([path, await scrollsSideways(page)]).toEqual([path, false]);
    }
    expect(faults.flat()).toEqual([]);
  });

  it('tells the failed, the finished and the unknown run apart', async () => {
    const page = await open('/runs/r-failed');
    await page.getByRole('alert').filter({ hasText: 'Loss is not finite at step 41' }).waitFor();
    await page.goto(`${server.url}/runs/r-finished`);
    const link = page.getByRole('link', { name: 'Download weights', exact: true });
    expect(await link.getAttribute('href')).toBe('v1/runs/r-finished/checkpoints/315/weights.safetensors');
    await page.getByText(server.runs.get('r-finished')?.view.weightsSha256 ?? 'none').waitFor();
    await page.goto(`${server.url}/runs/r-unheard-of`);
    await page.getByText('There is no run with this id').waitFor();
  });

  it('offers the average of weights where a run keeps one', async () => {
    const run = server.runs.get('r-finished');
    if (run === undefined) throw new Error('the fixture has no finished run');
    const { view } = run;
    const averageSha256 = 'a'.repeat(64);
    run.view = { ...view, checkpoints: view.checkpoints.map((checkpoint) => ({ ...checkpoint, averageSha256 })) };
    const page = await open('/runs/r-finished');
    const link = page.getByRole('link', { name: 'Download average', exact: true });
    expect(await link.getAttribute('href')).toBe('v1/runs/r-finished/checkpoints/315/average.safetensors');
    await page.getByText(averageSha256).waitFor();
    await page.getByRole('link', { name: 'Download average of step 300' }).waitFor();
    run.view = view;
    expect(faults.flat()).toEqual([]);
  });

  it('lists workers with device, status, reason and lanes', async () => {
    const page = await open('/workers');
    const rows = page.getByRole('table', { name: 'Workers' }).locator('tbody tr');
    await rows.nth(3).waitFor();
    expect(await rows.nth(1).innerText()).toMatch(/worker-b[\s\S]*CPU x 2[\s\S]*ready[\s\S]*3–5/);
    expect(await rows.nth(3).innerText()).toMatch(/worker-d[\s\S]*idle[\s\S]*no run has a lane to spare/);
    expect(faults.flat()).toEqual([]);
  });

  it('shows what is still looked at, and what was refused while nobody waited', async () => {
    const submission = { kind: 'run', submittedAt: Date.now(), location: null, problem: null } as const;
    const errors = [{ path: 'train/dog/1.png', message: 'the file is empty' }];
    server.submissions = [
      {
        id: 's1',
        name: 'large',
        state: 'preparing',
        message: 'looking at the data set: 412,000 images',
        ...submission,
      },
      {
        ...submission,
        id: 's2',
        name: 'broken',
        state: 'refused',
        message: 'unfit',
        problem: { type: 'about:blank', title: 'Refused', status: 422, errors },
      },
    ];
    const page = await open('/');
    await page.getByText('looking at the data set: 412,000 images').waitFor();
    await page.getByRole('alert').getByText('the file is empty').waitFor();
    server.submissions = [];
    await page.getByText('412,000 images').waitFor({ state: 'detached' });
  });

  it('shows every fault of a refused spec with its line, and opens the run of a good one', async () => {
    const page = await open('/new');
    const editor = page.getByRole('textbox', { name: 'Spec as JSON' });
    const good = await editor.inputValue();
    await editor.fill(good.replace('"epochs": 5', '"epochs": 0').replace('"lanes": 4', '"lanes": 0'));
    await page.getByRole('button', { name: 'Submit' }).click();
    await page.locator('.faults li').nth(1).waitFor();
    const faultTexts = await page.locator('.faults li').allInnerTexts();
    expect(faultTexts.join('\n')).toMatch(/line 12\s*lanes[\s\S]*line 14\s*epochs/);
    await editor.fill('{');
    await page.getByText('Not JSON').waitFor();
    expect(await page.getByRole('button', { name: 'Submit' }).isDisabled()).toBe(true);
    await editor.fill(good);
    await page.getByRole('button', { name: 'Submit' }).click();
    await page.waitForURL('**/runs/run-7');
    await page.getByText('No worker is here yet').waitFor();
  });

  it('asks for the key where there is one, and keeps the address', async () => {
    server.apiKey = 'correct horse';
    const page = await open('/workers');
    const key = page.getByLabel('API key');
    await key.fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('This is not the key').waitFor();
    await key.fill('correct horse');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('table', { name: 'Workers' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/workers');
  });

  it('shows 64 lanes and 16 workers without touching its neighbours', async () => {
    const lanes = Array.from({ length: 64 }, (_, lane) => ({ lane, workerId: `worker-${Math.floor(lane / 4)}` }));
    const workers = [...new Set(lanes.map((owner) => owner.workerId))];
    scene.running.view = { ...scene.running.view, lanes, workers };
    const page = await open('/runs/r-running');
    await page.locator('.lanes-token[data-lane="63"]').waitFor();
    const width = (await page.locator('.lanes-token[data-lane="63"] span').boundingBox())?.width ?? 0;
    expect(width).toBeGreaterThanOrEqual(11);
    expect(await scrollsSideways(page)).toBe(false);
    expect(faults.flat()).toEqual([]);
  });

  it('carries no more script than it needs', async () => {
    const html = await readFile(resolve(dashboard.folder, 'index.html'), 'utf8');
    const script = /assets\/[\w-]+\.js/.exec(html)?.[0] ?? '';
    expect((await readFile(resolve(dashboard.folder, script))).byteLength).toBeLessThan(450_000);
    expect(html).not.toMatch(/https?:/);
  });
});
