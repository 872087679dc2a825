import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { type Removal, removalSchema, retentionSchema, type RetentionView } from '#contracts';
import { launchBrowser, NO_BROWSER_REASON, openPage } from '../support/browser.js';
import { buildDashboard } from './built-dashboard.js';
import { setDatasets } from './fixture-datasets.js';
import { setScene } from './fixture-scene.js';
import { FixtureServer } from './fixture-server.js';
import { chartPixels } from './page-facts.js';

const FOLDER = '.docs/dashboard';
const DESKTOP = { width: 1280, height: 860 };
const PHONE = { width: 390, height: 844 };
const DAY_MS = 86_400_000;

interface Picture {
  readonly name: string;
  readonly path: string;
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Brings the page to what is shown. */
  readonly prepare: (page: Page) => Promise<unknown>;
}

const PICTURES: readonly Picture[] = [
  { name: 'runs', path: '/', prepare: (page) => page.locator('.row-link').nth(4).waitFor() },
  { name: 'run', path: '/runs/r-running', prepare: chartPixels },
  { name: 'run-on-a-phone', path: '/runs/r-finished', viewport: PHONE, prepare: chartPixels },
  { name: 'clone', path: '/new?from=r-finished&checkpoint=300', prepare: changeSpec },
  { name: 'delete', path: '/runs/r-finished', prepare: askToDelete },
  { name: 'datasets', path: '/datasets', prepare: (page) => page.getByText('412,000 images').waitFor() },
  { name: 'dataset', path: '/datasets/shapes', viewport: { width: 1280, height: 1460 }, prepare: waitForSamples },
  { name: 'dataset-augmented', path: '/datasets/shapes?class=8&view=augmented', prepare: openSample },
  { name: 'retention', path: '/retention', prepare: (page) => page.locator('.row-link').nth(1).waitFor() },
];

/** Takes the pictures of the dashboard's README, of runs that are the same every time. */
async function main(): Promise<void> {
  if (NO_BROWSER_REASON !== null) throw new Error(`No picture can be taken: ${NO_BROWSER_REASON}`);
  await using dashboard = await buildDashboard();
  const server = new FixtureServer(dashboard.folder);
  const browser = await launchBrowser();
  try {
    await server.start();
    setUp(server, Date.now());
    await mkdir(FOLDER, { recursive: true });
    for (const { name, path, viewport = DESKTOP, prepare } of PICTURES) {
      const { page } = await openPage(browser, `${server.url}${path}`, { viewport });
      await prepare(page);
      // A palette: a page has few colours, and is a third of the size so.
      await sharp(await page.screenshot({ animations: 'disabled' }))
        .png({ palette: true })
        .toFile(join(FOLDER, `${name}.png`));
      await page.context().close();
    }
  } finally {
    await browser.close();
    await server.close();
  }
}

function setUp(server: FixtureServer, now: number): void {
  setScene(server, now);
  setDatasets(server.datasets);
  label(server, 'r-running', ['paper', 'table-6'], 'Warm-up of **one epoch**, as in the paper.');
  label(server, 'r-finished', ['keep', 'paper'], 'The baseline of table 6: momentum 0.9, `weightDecay` 1e-4.');
  label(server, 'r-failed', ['lr-sweep'], '');
  server.answers.set('/v1/retention', retentionSchema.parse(retentionAt(now)));
  server.answers.set('/v1/runs/r-finished/removal', removalSchema.parse(REMOVAL));
}

function label(server: FixtureServer, id: string, tags: string[], notes: string): void {
  const run = server.runs.get(id);
  if (run === undefined) throw new Error(`the scene has no run ${id}`);
  run.view = { ...run.view, tags, notes };
}

const REMOVAL: Removal = {
  id: 'r-finished',
  kind: 'run',
  name: 'baseline',
  freedBytes: 7_412_000,
  stores: [],
  numCheckpoints: 3,
  evaluations: ['r-finished-center-0'],
  runs: [],
  kept: [{ file: 'step-300', sizeBytes: 2_184_664, usedBy: 'the evaluation e1 of the run ensemble' }],
  losses: [],
  obstacles: [],
};

function retentionAt(now: number): RetentionView {
  const due = { obstacle: null, deletedAt: now + 6.5 * DAY_MS };
  return {
    rules: [
      { state: 'failed', afterMs: 30 * DAY_MS },
      { state: 'cancelled', afterMs: 7 * DAY_MS },
    ],
    runs: [
      { ...due, id: 'r-cancelled', name: 'typo', state: 'cancelled', finishedAt: now - 2 * DAY_MS },
      {
        ...due,
        id: 'r-failed',
        name: 'resnet20-hot',
        state: 'failed',
        finishedAt: now - DAY_MS,
        deletedAt: now + 29 * DAY_MS,
      },
    ],
    total: 2,
    offset: 0,
    limit: 25,
    numExempt: 1,
  };
}

async function changeSpec(page: Page): Promise<void> {
  const editor = page.getByRole('textbox', { name: 'Spec as JSON' });
  await editor.fill((await editor.inputValue()).replace('"learningRate": 0.1', '"learningRate": 0.05'));
  await page.evaluate('scrollTo(0, 0)');
}

async function waitForSamples(page: Page): Promise<void> {
  await page.locator('.sample-wall img').nth(23).waitFor();
  await page.waitForLoadState('networkidle');
}

async function openSample(page: Page): Promise<void> {
  await page.locator('.sample-wall button').first().click();
  await page.getByRole('dialog').getByText('as augmented').waitFor();
  await page.waitForLoadState('networkidle');
}

async function askToDelete(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByText('goes for good').waitFor();
}

await main();
