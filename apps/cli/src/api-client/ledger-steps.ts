import type { LedgerStep } from '#contracts';
import type { SkiplaneClient } from './skiplane-client.js';

/** Every step of a run's ledger, page by page, up to the newest one there is when the end is reached. */
export async function* ledgerSteps(client: SkiplaneClient, runId: string): AsyncGenerator<LedgerStep> {
  for (let from = 1; ;) {
    const { steps, lastStep } = await client.ledger(runId, from);
    yield* steps;
    const next = (steps.at(-1)?.step ?? lastStep) + 1;
    // A page that gets no further would be asked for for ever.
    if (next > lastStep || next <= from) return;
    from = next;
  }
}
