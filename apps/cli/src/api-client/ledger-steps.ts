import { setImmediate } from 'node:timers/promises';
import type { LedgerPage, LedgerStep } from '#contracts';
import type { SkiplaneClient } from './skiplane-client.js';

/**
 * The steps of a run's ledger, page by page, up to the newest one there is when the end is reached. The next page is under
 * way while one is read.
 */
export async function* ledgerPages(client: SkiplaneClient, runId: string): AsyncGenerator<readonly LedgerStep[]> {
  for (let page: Promise<LedgerPage> | undefined = client.ledger(runId, 1); page !== undefined;) {
    const { steps, lastStep }: LedgerPage = await page;
    const last: number = steps.at(-1)?.step ?? lastStep;
    page = last < lastStep ? client.ledger(runId, last + 1) : undefined;
    // Whoever reads no further is told of nothing.
    page?.catch(() => undefined);
    // The request leaves before a reader that does not wait has gone through the page.
    await setImmediate();
    yield steps;
  }
}

/** The steps of a run's ledger, one by one, as `ledgerPages` has them. */
export async function* ledgerSteps(client: SkiplaneClient, runId: string): AsyncGenerator<LedgerStep> {
  for await (const steps of ledgerPages(client, runId)) yield* steps;
}
