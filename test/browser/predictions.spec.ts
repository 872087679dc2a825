import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import sharp from 'sharp';
import { buildDashboard, type BuiltDashboard } from './built-dashboard.js';
import { launchBrowser, NO_BROWSER_REASON, openPage } from '../support/browser.js';
import { setScene } from './fixture-scene.js';
import { FixtureServer } from './fixture-server.js';
import { scrollsSideways } from './page-facts.js';

jest.setTimeout(60_000);

if (NO_BROWSER_REASON !== null) console.warn(`The browser tests are skipped: ${NO_BROWSER_REASON}.`);

(NO_BROWSER_REASON === null ? describe : describe.skip)('trying an image in the dashboard', () => {
  let dashboard: BuiltDashboard;
  let browser: Browser;
  let server: FixtureServer;
  let faults: string[];
  let png: Buffer;

  const open = async (path: string, options: BrowserContextOptions = {}): Promise<Page> => {
    const { page, errors } = await openPage(browser, `${server.url}${path}`, options);
    faults = errors;
    return page;
  };
  const choose = (page: Page, name: string, buffer: Buffer) =>
    page.getByLabel('Choose an image').setInputFiles({ name, mimeType: 'image/png', buffer });

  /** Drops a file whose bytes the page makes itself. */
  const drop = (page: Page, name: string, bytes: string) =>
    page.evaluate(`(() => {
      const carried = new DataTransfer();
      carried.items.add(new File([${bytes}], '${name}', { type: 'image/png' }));
      const event = new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: carried });
      document.querySelector('.image-drop').dispatchEvent(event);
    })()`);

  beforeAll(async () => {
    dashboard = await buildDashboard();
    browser = await launchBrowser();
    png = await sharp({ create: { width: 40, height: 30, channels: 3, background: 'green' } })
      .png()
      .toBuffer();
  });
  afterAll(async () => {
    await browser.close();
    await dashboard[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    server = new FixtureServer(dashboard.folder);
    await server.start();
    setScene(server, Date.now());
  });
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    await server.close();
  });

  it('shows the classes of a chosen image with their probabilities, and where another class was seen', async () => {
    const page = await open('/runs/r-finished');
    const panel = page.getByRole('region', { name: 'Try an image' });
    await choose(page, 'cat.png', png);
    const classes = panel.getByRole('list', { name: 'Most probable classes' }).getByRole('button');
    await classes.first().waitFor();
    expect(await classes.count()).toBe(5);
    expect(await classes.first().innerText()).toMatch(/ring\s*90\.0 %/);
    expect(await classes.first().getAttribute('aria-pressed')).toBe('true');
    const overlay = panel.getByRole('img', { name: 'Where ring was seen in cat.png' });
    const first = await overlay.getAttribute('src');
    expect(first).toContain('data:image/png;base64,');
    await classes.nth(2).click();
    const other = panel.getByRole('img', { name: 'Where moon was seen in cat.png' });
    await other.waitFor();
    expect(await other.getAttribute('src')).not.toBe(first);
    await panel.getByRole('radio', { name: 'Image' }).click();
    const whole = panel.getByRole('img', { name: 'cat.png', exact: true });
    expect(await whole.getAttribute('src')).toBe(`data:image/png;base64,${png.toString('base64')}`);
    expect(server.requests.filter((asked) => asked.includes('/predict'))).toEqual([
      'POST /v1/runs/r-finished/predict?top=5&overlay=grad-cam',
      'POST /v1/runs/r-finished/predict?top=5&overlay=grad-cam&class=moon',
    ]);
    expect(faults).toEqual([]);
  });

  it('takes an image that is dropped', async () => {
    const page = await open('/runs/r-finished');
    const panel = page.getByRole('region', { name: 'Try an image' });
    await panel.getByText('Drop an image here.').waitFor();
    await drop(page, 'dropped.png', `Uint8Array.from(${JSON.stringify([...png])})`);
    await panel.getByRole('img', { name: 'Where ring was seen in dropped.png' }).waitFor();
    expect(faults).toEqual([]);
  });

  it('says what is wrong with a file that is no image, and takes the next one', async () => {
    const page = await open('/runs/r-finished');
    const panel = page.getByRole('region', { name: 'Try an image' });
    await choose(page, 'notes.png', Buffer.from('no image'));
    await panel.getByRole('alert').filter({ hasText: 'no image that is read' }).waitFor();
    await drop(page, 'huge.png', 'new Uint8Array(2 ** 24 + 1)');
    await panel.getByRole('alert').filter({ hasText: 'huge.png is larger than 16 MiB' }).waitFor();
    await choose(page, 'cat.png', png);
    await panel.getByRole('img', { name: 'Where ring was seen in cat.png' }).waitFor();
    expect(await panel.getByRole('alert').count()).toBe(0);
  });

  it('is not there before there are weights, fits a phone in the dark, and links to every export', async () => {
    const page = await open('/runs/r-pending', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' });
    await page.getByRole('heading', { name: 'Checkpoints' }).waitFor();
    expect(await page.getByRole('region', { name: 'Try an image' }).count()).toBe(0);
    expect(await page.getByRole('link', { name: 'ONNX' }).count()).toBe(0);
    await page.goto(`${server.url}/runs/r-finished`);
    await choose(page, 'cat.png', png);
    await page.getByRole('list', { name: 'Most probable classes' }).waitFor();
    expect(await scrollsSideways(page)).toBe(false);
    const exported: (string | null)[] = [];
    for (const name of ['SavedModel', 'TensorFlow.js', 'ONNX', 'safetensors']) {
      exported.push(await page.getByRole('link', { name, exact: true }).getAttribute('href'));
    }
    const formats = ['savedmodel', 'tfjs', 'onnx', 'safetensors'];
    expect(exported).toEqual(formats.map((format) => `v1/runs/r-finished/exports/${format}`));
    expect(faults).toEqual([]);
  });

  it('links a worker that evaluates to the run it evaluates', async () => {
    const [worker] = server.workers;
    if (worker) server.workers = [{ ...worker, runId: 'an-evaluation', evaluationOf: 'r-finished' }];
    const page = await open('/workers');
    const link = page.getByRole('table', { name: 'Workers' }).getByRole('link');
    expect(await link.getAttribute('href')).toBe('/runs/r-finished');
    expect(faults).toEqual([]);
  });
});
