import type { Page } from 'playwright-core';
import type { RunSpecInput } from '#contracts';
import { launchBrowser, openPage } from '../support/browser.js';

export interface SignedIn extends AsyncDisposable {
  readonly page: Page;
  /** Answers of 400 and above since the sign-in, but for those from other hosts. */
  readonly refused: readonly string[];
}

/**
 * Opens an address in a real browser as people do and types the key into the page that asks for it. Names ending in .example
 * are this machine; a certificate need not be signed.
 */
export async function signedIn(url: string, apiKey: string): Promise<SignedIn> {
  const browser = await launchBrowser(['--host-resolver-rules=MAP *.example 127.0.0.1']);
  try {
    const { page } = await openPage(browser, url, { ignoreHTTPSErrors: true });
    await page.getByLabel('The value of SKIPLANE_API_KEY').fill(apiKey);
    await page.getByRole('button', { name: 'Enter' }).click();
    await page.getByRole('heading', { name: 'Runs', exact: true }).waitFor();
    const refused: string[] = [];
    const { host } = new URL(url);
    page.on('response', (response) => {
      if (response.status() >= 400 && new URL(response.url()).host === host)
        refused.push(`${response.status()} ${response.url()}`);
    });
    return { page, refused, [Symbol.asyncDispose]: () => browser.close() };
  } catch (error) {
    await browser.close();
    throw error;
  }
}

/** Submits a run by the form, sees it live and waits until its page says that it is finished; returns its id. */
export async function trainByHand(page: Page, spec: RunSpecInput): Promise<string> {
  await page.getByRole('link', { name: 'New run' }).first().click();
  await page.getByRole('textbox').fill(JSON.stringify(spec));
  await page.getByRole('button', { name: /Submit/ }).click();
  await page.getByRole('heading', { level: 1, name: spec.name }).waitFor();
  await page.getByText('live', { exact: true }).waitFor();
  await page.locator('h1 .badge[data-state="running"]').waitFor({ timeout: 60_000 });
  // Nobody asks for it again: the stream brings it.
  await page.locator('h1 .badge[data-state="finished"]').waitFor({ timeout: 120_000 });
  return new URL(page.url()).pathname.split('/').at(-1) ?? '';
}
