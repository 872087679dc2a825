import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeDashboard } from './describe-dashboard.js';
import { setDatasets } from './fixture-datasets.js';
import { scrollsSideways } from './page-facts.js';

const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: 'dark' } as const;

describeDashboard('data sets', (at) => {
  const open = (path: string): Promise<Page> => {
    setDatasets(at.server.datasets);
    return at.open(path);
  };
  /** Images of the wall that are shown, once all of them are. */
  const shown = async (page: Page): Promise<readonly string[]> => {
    const images = page.locator('.sample-wall img');
    await images.first().waitFor();
    return await images.evaluateAll((found) => found.map((image) => image.getAttribute('src') ?? ''));
  };

  it('are listed with format, place, survey and figures, and a survey is followed and cancelled', async () => {
    const page = await open('/');
    await page.getByRole('link', { name: 'Data sets' }).click();
    const rows = page.getByRole('table', { name: 'Data sets' }).locator('tbody tr');
    await rows.nth(2).waitFor();
    expect(await rows.nth(1).innerText()).toMatch(
      /imagenet[\s\S]*WebDataset · s3:\/\/datasets\/imagenet[\s\S]*ready[\s\S]*1,000/,
    );
    await rows.nth(0).getByText('412,000 images').waitFor();
    at.server.datasets.survey('flowers', { numSamples: 420_000, numExpected: 840_000 });
    const bar = rows.nth(0).getByRole('progressbar', { name: 'Survey of flowers' });
    await rows.nth(0).getByText('420,000 of 840,000 images').waitFor();
    expect(await bar.getAttribute('aria-valuenow')).toBe('50');
    await page.getByRole('button', { name: 'Cancel the survey of flowers' }).press('Enter');
    await rows.nth(0).getByText('cancelled by request').waitFor();
    expect(at.server.requests).toContain('POST /v1/datasets/flowers/survey/cancel');
    expect(at.pageErrors()).toEqual([]);
  });

  it('are added by a form that shows what is refused where it is', async () => {
    const page = await open('/datasets');
    await page.getByRole('link', { name: 'Add a data set' }).click();
    const form = page.getByRole('form', { name: 'Add a data set' });
    await form.getByLabel('Name').fill('my birds');
    await form.getByLabel('Format').selectOption('manifest');
    await form.getByText('a CSV or JSON lines table').waitFor();
    await form.getByLabel('Location').fill('/data/birds');
    await form.getByLabel('Further settings').fill('{ "split": { "validation": 3 }');
    await form.getByText('Not JSON').waitFor();
    await form.getByLabel('Further settings').fill('{ "split": { "validation": 3 } }');
    await form.getByRole('button', { name: 'Add and survey' }).click();
    await form.getByText('is no name of a data set').waitFor();
    await form.getByText('split.validation').waitFor();
    await form.getByLabel('Name').fill('birds');
    await form.getByLabel('Further settings').fill('');
    await form.getByRole('button', { name: 'Add and survey' }).click();
    await page.getByRole('heading', { level: 1, name: 'birds' }).waitFor();
    await page.getByText('looking at the data set').waitFor();
    expect(new URL(page.url()).pathname).toBe('/datasets/birds');
  });

  it('show a thousand classes summed up, found by their name, and the samples of one', async () => {
    const page = await open('/datasets/imagenet');
    const classes = page.getByRole('region', { name: 'Classes' });
    await classes.getByText('1,000 classes, 732 to 1,300 training images each, median 1,017').waitFor();
    const lines = classes.getByRole('listitem');
    expect(await lines.count()).toBe(200);
    await classes.getByRole('searchbox').fill('synset 777');
    await classes.getByText(/^\d{1,2} of 1,000 classes/).waitFor();
    await classes.getByLabel('Sort by').selectOption('fewest');
    await lines.filter({ hasText: 'synset 777' }).getByRole('button').press('Enter');
    const samples = page.getByRole('region', { name: 'Samples' });
    await samples.getByRole('button', { name: 'Remove the filter by class synset 777' }).waitFor();
    expect(new URL(page.url()).search).toBe('?class=777');
    await samples.getByRole('button', { name: 'Next' }).click();
    await samples.getByText(/^25–48 of/).waitFor();
    expect((await shown(page))[0]).toMatch(/\/samples\/train\/24777\/image\?view=stored&digest=[0-9a-f]+$/);
    expect(at.pageErrors()).toEqual([]);
  });

  it('show samples as stored and as augmented, one by one, and why one cannot be shown', async () => {
    at.server.datasets.unreadable.add(3);
    const page = await open('/datasets/shapes');
    const samples = page.getByRole('region', { name: 'Samples' });
    await samples.getByRole('img', { name: /train\/heart\/3\.jpg: .*ends in the middle of the picture/ }).waitFor();
    await samples.getByRole('radio', { name: 'As augmented' }).click();
    await samples.getByRole('button', { name: 'Next' }).click();
    await samples.getByText(/^25–48 of/).waitFor();
    await samples.getByRole('button', { name: 'Draw again' }).click();
    await samples.getByRole('radio', { name: 'Validation' }).click();
    await page.waitForURL('**/datasets/shapes?split=val&view=augmented&draw=1');
    await samples.getByText(/^1–24 of 500$/).waitFor();
    expect((await shown(page))[0]).toContain('/samples/val/0/image?view=augmented&seed=1');
    // The numbers of the training samples before them mean nothing there.
    expect(at.server.requests.filter((path) => /\/samples\/val\/(2[4-9]|[3-9]\d)\//.test(path))).toEqual([]);
    await samples
      .getByRole('button', { name: /circle/ })
      .first()
      .click();
    const dialog = page.getByRole('dialog', { name: 'circle' });
    await dialog.getByText('val/circle/0.jpg · 40 × 40 pixels, 1.8 kB').waitFor();
    expect(await dialog.getByRole('img').count()).toBe(7);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  it('tell what is left out, their versions and runs, and are surveyed, trained on and removed', async () => {
    const page = await open('/datasets/shapes');
    const leftOut = page.getByRole('region', { name: 'Left out' });
    await leftOut.getByText('4 other files, 1 unreadable image').waitFor();
    expect(await leftOut.innerText()).toMatch(
      /3 × \.txt: text[\s\S]*1 × no extension: hidden[\s\S]*train\/star\/17\.jpg/,
    );
    expect(await page.getByRole('table', { name: 'Versions' }).locator('tbody tr').count()).toBe(2);
    await page
      .getByRole('table', { name: 'Runs of the data set' })
      .getByRole('link', { name: 'resnet20-shapes' })
      .waitFor();
    await page.getByRole('button', { name: 'Survey again' }).click();
    await page.getByText('looking at the data set').waitFor();
    const problem = { type: 'about:blank', title: 'x', status: 422, detail: 'it is unfit' };
    at.server.datasets.survey('shapes', {
      state: 'refused',
      problem: { ...problem, errors: [{ path: 'val/', message: 'has no images' }] },
    });
    await page.getByRole('alert').getByText('has no images').waitFor();
    await page.getByRole('link', { name: 'Train on it' }).click();
    const spec = await page.getByRole('textbox', { name: 'Spec as JSON' }).inputValue();
    expect(JSON.parse(spec)).toMatchObject({ dataset: 'shapes', model: { numClasses: 10 } });
    await page.getByRole('button', { name: 'imagenet', exact: true }).click();
    expect(await page.getByRole('textbox', { name: 'Spec as JSON' }).inputValue()).toContain('"dataset": "imagenet"');
    await page.goto(`${at.server.url}/datasets/shapes`);
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Remove the name' }).click();
    await page.getByRole('table', { name: 'Data sets' }).waitFor();
    expect(await page.getByRole('link', { name: 'shapes' }).count()).toBe(0);
  });

  it('fit a phone without scrolling sideways, in the dark as well', async () => {
    setDatasets(at.server.datasets);
    const page = await at.open('/datasets', PHONE);
    for (const path of ['/datasets', '/datasets?add', '/datasets/imagenet', '/datasets/flowers', '/datasets/nowhere']) {
      await page.goto(at.server.url + path);
      await page.locator('main :is(h1, h2)').first().waitFor();
      expect([path, await scrollsSideways(page)]).toEqual([path, false]);
    }
    await page.getByText('There is no data set with this name').waitFor();
  });
});
