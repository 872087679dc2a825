import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, it } from '@jest/globals';
import { describeDashboard } from './describe-dashboard.js';
import { scrollsSideways } from './page-facts.js';

const PHONE = { viewport: { width: 390, height: 844 } };

describeDashboard('dashboard', (at) => {
  it('lists runs with state, progress, reason and figures, and filters them by state', async () => {
    const page = await at.open('/');
    const rows = page.getByRole('table', { name: 'Runs' }).locator('tbody tr');
    await rows.nth(5).waitFor();
    const running = rows.filter({ hasText: 'resnet20-shapes' });
    expect(await running.innerText()).toMatch(/running[\s\S]*74 %[\s\S]*90\.\d %/);
    expect(await rows.filter({ hasText: 'resnet56-sweep' }).innerText()).toContain('Waits for workers');
    await page.getByRole('checkbox', { name: 'failed' }).click();
    await rows.nth(1).waitFor({ state: 'detached' });
    expect(await rows.innerText()).toContain('Loss is not finite');
    expect(new URL(page.url()).search).toBe('?state=failed');
    expect(at.pageErrors()).toEqual([]);
  });

  it('follows the system between light and dark until told otherwise, and remembers', async () => {
    const page = await at.open('/', { colorScheme: 'dark' });
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
    expect(at.pageErrors()).toEqual([]);
  });

  it('fits a phone without scrolling sideways, every view by its own address', async () => {
    const runs = ['/runs/r-running', '/runs/r-finished', '/runs/r-failed'];
    const views = ['/', ...runs, '/workers', '/datasets', '/new', '/new?from=r-finished&checkpoint=300', '/nowhere'];
    const page = await at.open('/', PHONE);
    for (const path of views) {
      await page.goto(at.server.url + path);
      await page.locator('main :is(h1, h2)').first().waitFor();
      expect([path, await scrollsSideways(page)]).toEqual([path, false]);
    }
    expect(at.pageErrors()).toEqual([]);
  });

  it('lists workers with device, status, reason and lanes', async () => {
    const page = await at.open('/workers');
    const rows = page.getByRole('table', { name: 'Workers' }).locator('tbody tr');
    await rows.nth(3).waitFor();
    expect(await rows.nth(1).innerText()).toMatch(/worker-b[\s\S]*CPU x 2[\s\S]*ready[\s\S]*3–5/);
    expect(await rows.nth(3).innerText()).toMatch(/worker-d[\s\S]*idle[\s\S]*no run has a lane to spare/);
    expect(at.pageErrors()).toEqual([]);
  });

  it('shows what is still looked at, and what was refused while nobody waited', async () => {
    const submission = { kind: 'run', submittedAt: Date.now(), location: null, problem: null } as const;
    const errors = [{ path: 'train/dog/1.png', message: 'the file is empty' }];
    at.server.submissions = [
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
    const page = await at.open('/');
    await page.getByText('looking at the data set: 412,000 images').waitFor();
    await page.getByRole('alert').getByText('the file is empty').waitFor();
    at.server.submissions = [];
    await page.getByText('412,000 images').waitFor({ state: 'detached' });
  });

  it('shows every fault of a refused spec with its line, and opens the run of a good one', async () => {
    const page = await at.open('/new');
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
    at.server.apiKey = 'correct horse';
    const page = await at.open('/workers');
    const key = page.getByLabel('API key');
    await key.fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('This is not the key').waitFor();
    await key.fill('correct horse');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('table', { name: 'Workers' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/workers');
  });

  it('carries no more script than it needs', async () => {
    const html = await readFile(resolve(at.folder, 'index.html'), 'utf8');
    // Those that every page loads first; others come when they are asked for.
    const scripts = await Promise.all(
      Array.from(html.matchAll(/assets\/[\w-]+\.js/g), ([script]) => readFile(resolve(at.folder, script))),
    );
    expect(scripts.length).toBeGreaterThan(0);
    expect(scripts.reduce((sum, { byteLength }) => sum + byteLength, 0)).toBeLessThan(450_000);
    expect(html).not.toMatch(/https?:/);
  });
});
