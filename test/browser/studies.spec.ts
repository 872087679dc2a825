import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { studyViewSchema, type StudySpecInput, type StudyView } from '#contracts';
import { until } from '../../apps/coordinator/src/testing/until.js';
import { describeStack } from './describe-stack.js';
import { scrollsSideways } from './page-facts.js';

const PHONE = { viewport: { width: 390, height: 844 } };

describeStack('pages of studies', (at) => {
  const baseOf = (architecture: string): StudySpecInput['base'] => ({
    model: { architecture, numClasses: 2 },
    dataset: { kind: 'image-folder', path: at.stack.datasetPath },
    lanes: 2,
    laneBatchSize: 2,
    epochs: 2,
    workers: { max: 1 },
  });
  const submit = async (changes: Partial<StudySpecInput> = {}): Promise<StudyView> => {
    const spec: StudySpecInput = {
      name: 'depth',
      base: baseOf('{network}{depth}'),
      axes: [
        { name: 'network', values: ['plain', 'resnet'] },
        { name: 'depth', values: [20, 56] },
      ],
      seeds: [1, 2],
      ...changes,
    };
    const response = await at.stack.post('/v1/studies', spec);
    expect(response.status).toBe(201);
    return studyViewSchema.parse(await response.json());
  };
  const inState = (id: string, state: StudyView['state']): Promise<StudyView> =>
    until(
      async () => studyViewSchema.parse(await (await fetch(`${at.stack.url}/v1/studies/${id}`)).json()),
      (study) => study.state === state,
    );
  /** Width of each figure's picture, once all of them are drawn; 0 where one cannot be. */
  const figureWidths = (page: Page): Promise<Record<string, number>> =>
    page.evaluate<Record<string, number>>(`(async () => {
      const images = [...document.querySelectorAll('img[data-figure]')];
      await Promise.all(images.map((image) => image.decode().catch(() => {})));
      return Object.fromEntries(images.map((image) => [image.dataset.figure, image.naturalWidth]));
    })()`);

  it('shows a finished study: the table of errors, the figures, every run with a link to its page', async () => {
    const { id } = await submit();
    await at.stack.fleet.add('w1');
    const study = await inState(id, 'finished');
    const page = await at.open(`/studies/${id}`);
    await page.locator('h1 .badge[data-state="finished"]').waitFor();
    const rows = page.getByRole('table', { name: 'Errors' }).locator('tbody tr');
    await rows.nth(3).waitFor();
    expect(await rows.nth(1).innerText()).toMatch(/plain\s+56\s+852,498\s+50\.00 ± 0\.00\s+50\.00 ± 0\.00[^]*2 of 2/);
    expect(await figureWidths(page)).toEqual({ 'error-by-iteration': 800, 'error-by-depth': 400 });
    const trials = page.getByRole('table', { name: 'Runs of the study' }).locator('tbody tr');
    expect(await trials.count()).toBe(8);
    const runId = study.trials[7]?.runId ?? '';
    await trials.nth(7).getByRole('link', { name: runId }).click();
    await page.getByRole('heading', { level: 1, name: /depth resnet 56 s2/ }).waitFor();
    await page.getByRole('link', { name: 'a study' }).click();
    await page.waitForURL(`**/studies/${id}`);
    expect(at.pageErrors()).toEqual([]);
  });

  it('follows a study while its runs go on, and draws its figures anew', async () => {
    // Half of a run's rounds: three steps and an evaluation.
    at.stack.fleet.untilRound = 4;
    const { id } = await submit({
      base: baseOf('resnet{depth}'),
      axes: [{ name: 'depth', values: [20, 56] }],
      seeds: [1],
    });
    const page = await at.open(`/studies/${id}`);
    const progress = page.getByRole('progressbar', { name: 'Progress of the study' });
    await progress.waitFor();
    expect(await progress.getAttribute('aria-valuenow')).toBe('0');
    const address = (): Promise<string | null> =>
      page.locator('img[data-figure="error-by-iteration"]').getAttribute('src');
    const before = await address();
    await at.stack.fleet.add('w1');
    await page.locator('[role=progressbar][aria-valuenow="25"]').waitFor();
    expect(await address()).not.toBe(before);
    at.stack.fleet.untilRound = Infinity;
    await page.locator('h1 .badge[data-state="finished"]').waitFor();
    await page.getByRole('table', { name: 'Errors' }).getByText('1 of 1').nth(1).waitFor();
    await page.getByText('2 of 2 runs over').waitFor();
    expect(at.pageErrors()).toEqual([]);
  });

  it('lists studies, the newest first, and ends one only after asking', async () => {
    await submit();
    const { id } = await submit({ name: 'other' });
    const page = await at.open('/');
    await page.getByRole('link', { name: 'Studies' }).click();
    const rows = page.getByRole('table', { name: 'Studies' }).locator('tbody tr');
    await rows.nth(1).waitFor();
    expect(await rows.nth(0).innerText()).toMatch(/other[^]*running[^]*0 of 8/);
    await rows.nth(0).getByRole('link', { name: 'other' }).click();
    await page.waitForURL(`**/studies/${id}`);
    await page.getByRole('button', { name: 'Cancel study' }).click();
    await page.getByRole('button', { name: 'Keep training' }).click();
    await page.getByRole('button', { name: 'Cancel study' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel study' }).click();
    await page.locator('h1 .badge[data-state="cancelled"]').waitFor();
    expect(await inState(id, 'cancelled')).toMatchObject({ numFinished: 0 });
    await page.goto(`${at.stack.url}/studies/none`);
    await page.getByText('There is no study with this id').waitFor();
  });

  it('says so where there is none, fits a phone, and draws figures in the colours of the page', async () => {
    const page = await at.open('/studies', { ...PHONE, colorScheme: 'dark' });
    await page.getByText('No studies yet').waitFor();
    await submit();
    const link = page.getByRole('link', { name: 'depth' });
    await link.waitFor();
    expect(await scrollsSideways(page)).toBe(false);
    await link.click();
    await page.locator('img[data-figure][src*="theme=dark"]').nth(1).waitFor();
    expect(await figureWidths(page)).toEqual({ 'error-by-iteration': 800, 'error-by-depth': 400 });
    expect(await scrollsSideways(page)).toBe(false);
    await page.getByRole('button', { name: /^Theme: auto/ }).click();
    await page.locator('img[data-figure][src*="theme=light"]').nth(1).waitFor();
    expect(at.pageErrors()).toEqual([]);
  });
});
