import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeDashboard } from './describe-dashboard.js';
import { nextSteps } from './fixture-scene.js';
import { chartPixels } from './page-facts.js';

/** Marks the middle half of a chart with the pointer. */
async function markMiddle(page: Page, chart: number): Promise<void> {
  const area = page.locator('.chart .u-over').nth(chart);
  await area.scrollIntoViewIfNeeded();
  const box = await area.boundingBox();
  if (box === null) throw new Error(`there is no chart ${chart}`);
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * 0.25, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.75, y, { steps: 4 });
  await page.mouse.up();
}

function rangeIn(page: Page): { from: number; to: number } {
  const { searchParams } = new URL(page.url());
  return { from: Number(searchParams.get('from')), to: Number(searchParams.get('to')) };
}

describeDashboard('zooming in the charts of a run', (at) => {
  const asked = (): string[] => at.server.requests.filter((path) => path.includes('/metrics?from='));

  it('asks for the steps that are marked, shows them in every chart and keeps them in the address', async () => {
    const page = await at.open('/runs/r-running');
    await chartPixels(page);
    const numSteps = at.scene.running.steps.length;
    await markMiddle(page, 1);
    await page.waitForURL(/from=/);
    const { from, to } = rangeIn(page);
    expect(Math.abs(from - numSteps / 4)).toBeLessThan(numSteps / 50);
    expect(Math.abs(to - (numSteps * 3) / 4)).toBeLessThan(numSteps / 50);
    await page.locator('.chart').first().getByText(`step ${to}`, { exact: true }).waitFor();
    expect(asked()).toEqual([`GET /v1/runs/r-running/metrics?from=${from}&to=${to}&points=2000`]);
    expect(await chartPixels(page)).toHaveLength(4);
    await page.getByRole('radio', { name: 'Time' }).click();
    await markMiddle(page, 3);
    await page.waitForURL((url) => url.searchParams.get('from') !== String(from));
    const inner = rangeIn(page);
    expect(inner.from).toBeGreaterThan(from);
    expect(inner.to).toBeLessThan(to);
    await page.goBack();
    await page.waitForURL((url) => url.searchParams.get('from') === String(from));
    await page.locator('.chart .u-over').first().dblclick();
    await page.waitForURL((url) => !url.searchParams.has('from'));
    await page.locator('.chart').first().getByText(new RegExp(`elapsed$`)).waitFor();
    expect(at.pageErrors()).toEqual([]);
  });

  it('is done by the keyboard, to the step, and undone', async () => {
    const page = await at.open('/runs/r-running');
    await page.getByLabel('First step shown').fill('41');
    await page.getByLabel('Last step shown').fill('80');
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.search === '?from=41&to=80');
    await page.locator('.chart').first().getByText('step 80', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'whole run' }).press('Enter');
    await page.waitForURL((url) => url.search === '');
    const last = at.scene.running.steps.length;
    await page.locator('.chart').first().getByText(`step ${last}`, { exact: true }).waitFor();
    expect(await page.getByLabel('Last step shown').getAttribute('placeholder')).toBe(String(last));
    expect(at.pageErrors()).toEqual([]);
  });

  it('opens such an address, and shows steps of the range as they are committed', async () => {
    const last = at.scene.running.steps.length;
    const page = await at.open(`/runs/r-running?from=${last - 10}&to=${last + 10}`);
    await page.locator('.chart').first().getByText(`step ${last}`, { exact: true }).waitFor();
    at.server.sendSteps(at.scene.running, nextSteps(at.scene, 20));
    // The page knows at once that the range is full, before it has asked for its last steps.
    at.server.sendProgress(at.scene.running);
    await page
      .locator('.chart')
      .first()
      .getByText(`step ${last + 10}`, { exact: true })
      .waitFor();
    expect(at.pageErrors()).toEqual([]);
  });
});
