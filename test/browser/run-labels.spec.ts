import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { runListSchema, type RunChanges } from '#contracts';
import { describeStack } from './describe-stack.js';
import { scrollsSideways } from './page-facts.js';

const PHONE = { viewport: { width: 390, height: 844 } };

describeStack('names, tags and notes of runs', (at) => {
  const change = async (id: string, changes: RunChanges): Promise<void> => {
    const headers = { 'content-type': 'application/json' };
    const asked = { method: 'PATCH', headers, body: JSON.stringify(changes) };
    expect((await fetch(`${at.stack.url}/v1/runs/${id}`, asked)).status).toBe(200);
  };
  const cancel = (id: string): Promise<Response> => at.stack.post(`/v1/runs/${id}/cancel`);
  /** Waits until the list shows these runs, in this order. */
  const waitForNames = async (page: Page, wanted: readonly string[]): Promise<void> => {
    const links = page.locator('.row-link');
    for (let turn = 0; turn < 100; turn += 1) {
      if ((await links.allInnerTexts()).join() === wanted.join()) return;
      await page.waitForTimeout(50);
    }
    expect(await links.allInnerTexts()).toEqual(wanted);
  };

  it('renames a run in place, and says why a name is refused', async () => {
    const { id } = await at.stack.submit({ name: 'old' });
    const page = await at.open(`/runs/${id}`);
    await page.getByRole('button', { name: 'rename' }).click();
    const field = page.getByLabel('Name of the run');
    await field.fill('no / slash');
    await field.press('Enter');
    await page.getByRole('alert').getByText('letters, digits').waitFor();
    await field.fill('new name');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: 'new name' }).waitFor();
    expect((await at.stack.run(id)).spec.name).toBe('new name');
    await page.getByRole('button', { name: 'rename' }).click();
    await field.fill('never');
    await field.press('Escape');
    await page.getByRole('heading', { level: 1, name: 'new name' }).waitFor();
    expect((await at.stack.run(id)).spec.name).toBe('new name');
  });

  it('adds and removes tags, and leads from a tag to all runs that have it', async () => {
    const { id } = await at.stack.submit({ name: 'tagged' });
    await at.stack.submit({ name: 'bare' });
    const page = await at.open(`/runs/${id}`);
    const field = page.getByLabel('Add a tag');
    await field.fill('paper, table-6');
    await field.press('Enter');
    await page.getByRole('list', { name: 'Tags' }).getByRole('listitem').nth(1).waitFor();
    expect((await at.stack.run(id)).tags).toEqual(['paper', 'table-6']);
    const remove = page.getByRole('button', { name: 'Remove tag paper' });
    await remove.click();
    await remove.waitFor({ state: 'detached' });
    expect((await at.stack.run(id)).tags).toEqual(['table-6']);
    await field.fill('a?b');
    await field.press('Enter');
    await page.getByRole('alert').getByText('letters, digits').waitFor();
    await page.getByRole('link', { name: 'table-6' }).click();
    await waitForNames(page, ['tagged']);
    await page.getByRole('button', { name: 'Remove the filter by tag table-6' }).click();
    await waitForNames(page, ['bare', 'tagged']);
    await page.getByRole('list', { name: 'Tags of tagged' }).getByRole('button', { name: 'table-6' }).click();
    await waitForNames(page, ['tagged']);
    expect(new URL(page.url()).search).toBe('?tag=table-6');
  });

  it('keeps notes in Markdown, shows them, and runs nothing that stands in them', async () => {
    const { id } = await at.stack.submit();
    const page = await at.open(`/runs/${id}`);
    const panel = page.getByRole('region', { name: 'Notes' });
    await panel.getByText('None.').waitFor();
    await panel.getByRole('button', { name: 'write' }).click();
    const evil = '<img src=x onerror="document.title=1"> [x](javascript:alert(1)) ![y](https://example.com/y.png)';
    const notes = `# Why\n\n- the **second** warm-up\n\n${evil}`;
    await panel.getByLabel('Notes, in Markdown').fill(notes);
    await page.keyboard.press('Control+Enter');
    await panel.getByRole('heading', { name: 'Why' }).waitFor();
    expect(await panel.locator('li strong').innerText()).toBe('second');
    expect(await panel.locator('img').count()).toBe(0);
    expect(await panel.locator('a', { hasText: 'x' }).getAttribute('href')).toBe('');
    expect((await at.stack.run(id)).notes).toBe(notes);
    await panel.getByRole('button', { name: 'edit' }).click();
    await panel.getByLabel('Notes, in Markdown').fill('gone');
    await page.keyboard.press('Escape');
    await panel.getByRole('heading', { name: 'Why' }).waitFor();
    expect(at.pageErrors()).toEqual([]);
  });

  it('archives a run that is over: lists leave it out until they are asked for it', async () => {
    const { id } = await at.stack.submit({ name: 'done' });
    await at.stack.submit({ name: 'open' });
    const page = await at.open(`/runs/${id}`);
    await page.getByRole('button', { name: 'Cancel run' }).waitFor();
    expect(await page.getByRole('button', { name: 'Archive' }).count()).toBe(0);
    await cancel(id);
    await page.getByRole('button', { name: 'Archive', exact: true }).click();
    await page.getByRole('heading', { level: 1 }).getByText('archived').waitFor();
    const { runs } = runListSchema.parse(await (await fetch(`${at.stack.url}/v1/runs`)).json());
    expect(runs.map(({ name }) => name)).toEqual(['open']);
    await page.getByRole('link', { name: 'Runs', exact: true }).first().click();
    await waitForNames(page, ['open']);
    await page.getByLabel('Archived').selectOption('shown');
    await waitForNames(page, ['open', 'done']);
    await page.getByLabel('Archived').selectOption('only these');
    await waitForNames(page, ['done']);
    await page.getByRole('link', { name: 'done' }).click();
    await page.getByRole('button', { name: 'Unarchive' }).click();
    await page.getByRole('button', { name: 'Archive', exact: true }).waitFor();
    expect((await at.stack.run(id)).isArchived).toBe(false);
    expect(at.pageErrors()).toEqual([]);
  });

  it('finds runs by words, states and fields of the spec, and keeps the search in the address', async () => {
    const wide = await at.stack.submit({ name: 'wide', epochs: 3 });
    const deep = await at.stack.submit({ name: 'deep', epochs: 7 });
    await at.stack.submit({ name: 'other' });
    await change(wide.id, { notes: 'as in the Paper', tags: ['t1'] });
    await change(deep.id, { tags: ['paper'] });
    await cancel(deep.id);
    const page = await at.open('/');
    await waitForNames(page, ['other', 'deep', 'wide']);
    const search = page.getByRole('searchbox', { name: 'Search runs' });
    await search.pressSequentially('paper');
    await waitForNames(page, ['deep', 'wide']);
    expect(new URL(page.url()).search).toBe('?q=paper');
    await page.getByRole('checkbox', { name: 'cancelled' }).check();
    await waitForNames(page, ['deep']);
    await page.getByRole('checkbox', { name: 'pending' }).check();
    await waitForNames(page, ['deep', 'wide']);
    await page.getByLabel('Sort').selectOption('by name');
    await page.getByLabel('Field of the spec').fill('epochs < 5');
    await page.getByLabel('Field of the spec').press('Enter');
    await waitForNames(page, ['wide']);
    const address = page.url();
    expect(new URL(address).search).toBe('?q=paper&state=pending&state=cancelled&where=epochs%3C5&sort=name');
    await page.goBack();
    await waitForNames(page, ['deep', 'wide']);
    await page.goto(address);
    await waitForNames(page, ['wide']);
    expect(await search.inputValue()).toBe('paper');
    await search.fill('nothing of the kind');
    await page.getByText('No run matches').waitFor();
    await page.getByRole('link', { name: 'Show all runs' }).click();
    await waitForNames(page, ['other', 'deep', 'wide']);
    expect(await search.inputValue()).toBe('');
    await page.getByLabel('Field of the spec').fill('epochs');
    await page.getByLabel('Field of the spec').press('Enter');
    await page.getByText('A field, then').waitFor();
    expect(at.pageErrors()).toEqual([]);
  });

  it('fits a phone with long tags and notes', async () => {
    const { id } = await at.stack.submit({ name: 'narrow' });
    const tags = [`long-${'tag'.repeat(15)}`, 'b', 'c'];
    await change(id, { tags, notes: `# ${'long '.repeat(40)}\n\n    ${'code '.repeat(40)}` });
    for (const path of [`/runs/${id}`, '/', `/new?from=${id}`]) {
      const page = await at.open(path, PHONE);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      if (path === '/') await page.getByRole('link', { name: 'narrow' }).waitFor();
      expect([path, await scrollsSideways(page)]).toEqual([path, false]);
    }
    expect(at.pageErrors()).toEqual([]);
  });
});
