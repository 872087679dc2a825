import { expect, it } from '@jest/globals';
import { runViewSchema, type RunSpecInput, type RunView } from '#contracts';
import { until } from '../../apps/coordinator/src/testing/until.js';
import { describeStack } from './describe-stack.js';
import { scrollsSideways } from './page-facts.js';

const PHONE = { viewport: { width: 390, height: 844 } };

describeStack('what a run leaves, and what is made of it', (at) => {
  const submit = (changes: Partial<RunSpecInput> = {}): Promise<RunView> =>
    at.stack.submit({ epochs: 3, checkpoint: { everySteps: 3, keep: 'best' }, ...changes });
  /** A run of three epochs, three steps each, whose second epoch is its best. */
  const trained = async (changes: Partial<RunSpecInput> = {}): Promise<RunView> => {
    at.stack.fleet.figuresOf = (step, kind) => ({
      loss: 1 / step,
      accuracy: kind === 'train' || step !== 6 ? 0.5 : 0.9,
    });
    const { id } = await submit(changes);
    if (at.stack.fleet.workers.size === 0) await at.stack.fleet.add('w1');
    return until(
      () => at.stack.run(id),
      ({ state }) => state === 'finished',
    );
  };

  it('says what would stop a run, and where and why it stopped', async () => {
    const reason = 'validation accuracy 90.00 % has reached 85.00 %';
    at.stack.fleet.stopAfter = (step) => (step === 6 ? { step, epoch: 2, cause: 'target', reason } : null);
    const { id } = await trained({ stopWhen: { accuracy: 0.85, noImprovement: { epochs: 2 } } });
    const page = await at.open(`/runs/${id}`);
    await page.getByRole('heading', { name: 'Stopped after epoch 2, at step 6' }).waitFor();
    await page.getByText(reason, { exact: true }).waitFor();
    const rules = 'validation accuracy of at least 85 %, or no better validation accuracy in 2 epochs';
    await page.getByText(rules).waitFor();
    expect(at.pageErrors()).toEqual([]);
  });

  it('marks the best checkpoint with its figure', async () => {
    const { id } = await trained();
    const page = await at.open(`/runs/${id}`);
    const rows = page.getByRole('table', { name: 'Checkpoints' }).locator('tbody tr');
    await rows.nth(1).waitFor();
    expect(await rows.nth(0).innerText()).not.toContain('best');
    expect(await rows.nth(1).innerText()).toMatch(/^6\s*best: 90 %/);
    await page.getByText('the newest and the best kept').waitFor();
    expect(at.pageErrors()).toEqual([]);
  });

  it('clones a run with changes, each shown beside the original, and says what is wrong with them', async () => {
    const original = await trained({ name: 'first', seed: 5 });
    const page = await at.open(`/runs/${original.id}`);
    await page.getByRole('link', { name: 'Clone' }).click();
    const changes = page.getByRole('complementary', { name: 'Changes to the original' });
    await changes.getByText('"first clone"').waitFor();
    const editor = page.getByRole('textbox', { name: 'Spec as JSON' });
    const text = await editor.inputValue();
    await editor.fill(text.replace('"seed": 5', '"seed": -5').replace('"lanes": 2', '"lanes": 0'));
    expect(await changes.getByRole('listitem').allInnerTexts()).toEqual([
      expect.stringMatching(/^name\s*"first"\s*"first clone"$/),
      expect.stringMatching(/^lanes\s*2\s*0$/),
      expect.stringMatching(/^seed\s*5\s*-5$/),
    ]);
    await page.getByRole('button', { name: 'Submit' }).click();
    await page.locator('.faults li').nth(1).waitFor();
    expect(await page.locator('.faults').innerText()).toMatch(/line \d+\s*lanes[^]*line \d+\s*seed/);
    await editor.fill(text.replace('"seed": 5', '"seed": 6'));
    await page.getByRole('button', { name: 'Submit' }).click();
    await page.getByRole('heading', { level: 1, name: 'first clone' }).waitFor();
    const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    const clone = await at.stack.run(id);
    expect(clone).toMatchObject({ origin: { runId: original.id, step: null } });
    expect(clone.spec).toEqual({ ...original.spec, name: 'first clone', seed: 6 });
    await page.getByRole('link', { name: original.id }).click();
    await page.getByRole('heading', { level: 1, name: 'first' }).waitFor();
    expect(at.pageErrors().filter((error) => !error.includes('status of 4'))).toEqual([]);
  });

  it('goes on from a checkpoint as a new run, whose page names the step', async () => {
    const original = await trained({ name: 'long' });
    const page = await at.open(`/runs/${original.id}`);
    await page.getByRole('link', { name: 'Resume from step 6 as a new run' }).click();
    await page.getByText('the checkpoint of step 6').waitFor();
    const editor = page.getByRole('textbox', { name: 'Spec as JSON' });
    await editor.fill((await editor.inputValue()).replace('"epochs": 3', '"epochs": 4'));
    await page.getByRole('button', { name: 'Submit' }).click();
    await page.getByText(/goes on from step 6 of/).waitFor();
    const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    expect(await at.stack.run(id)).toMatchObject({ origin: { runId: original.id, step: 6 }, spec: { epochs: 4 } });
    expect(at.pageErrors()).toEqual([]);
  });

  it('deletes a run only after naming what goes', async () => {
    const { id } = await trained({ name: 'doomed' });
    const page = await at.open(`/runs/${id}`);
    const dialog = page.getByRole('dialog');
    await page.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByText(/“doomed” goes for good: its record and metrics, 2 checkpoints and 0 evaluations/).waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect((await at.stack.run(id)).id).toBe(id);
    await page.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByRole('button', { name: 'Delete for good' }).click();
    await page.waitForURL(`${at.stack.url}/`);
    await page.getByText('No runs yet').waitFor();
    expect((await fetch(`${at.stack.url}/v1/runs/${id}`)).status).toBe(404);
  });

  it('says what keeps a run from being deleted, and does not offer it', async () => {
    const { id } = await trained({ name: 'needed' });
    await Promise.all([...at.stack.fleet.workers].map((worker) => worker.kill()));
    const asked = { protocol: { kind: 'center' }, split: 'val' };
    expect((await at.stack.post(`/v1/runs/${id}/evaluations`, asked)).status).toBe(201);
    const page = await at.open(`/runs/${id}`, PHONE);
    await page.getByRole('button', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog', { name: 'This run cannot be deleted now' });
    await dialog.getByText('In the way').waitFor();
    expect(await dialog.getByRole('button', { name: 'Delete for good' }).isDisabled()).toBe(true);
    expect(await scrollsSideways(page)).toBe(false);
    await dialog.getByRole('button', { name: 'Keep it' }).click();
    expect(runViewSchema.parse(await at.stack.run(id)).state).toBe('finished');
  });

  it('shows which runs the retention deletes and when, and which it leaves', async () => {
    const due = await trained({ name: 'due' });
    const page = await at.open('/retention');
    await page.getByText('Nothing is deleted by its age').waitFor();
    await at.stack.stop();
    const retention = [{ state: 'finished' as const, afterMs: 3 * 86_400_000 }];
    await at.stack.start({ retention }, { dashboardDirectory: at.folder });
    await page.goto(`${at.stack.url}/`);
    await page.getByRole('link', { name: 'Retention' }).click();
    await page.getByText('finished runs after 3 d 0 h').waitFor();
    const row = page.getByRole('table', { name: 'Runs to be deleted' }).locator('tbody tr');
    expect(await row.innerText()).toMatch(/due[^]*finished[^]*in (3 d 0 h|2 d 23 h|72 h)/);
    await row.getByRole('link', { name: 'due' }).click();
    const tag = page.getByLabel('Add a tag');
    await tag.fill('keep');
    await tag.press('Enter');
    await page.getByRole('link', { name: 'keep', exact: true }).waitFor();
    await page.goto(`${at.stack.url}/retention`);
    await page.getByText('No run is due').waitFor();
    await page.getByText('1 of those that a rule would take').waitFor();
    expect((await at.stack.run(due.id)).state).toBe('finished');
  });
});
