import { TERMINAL_STATES } from '#contracts';
import type { RunFiles } from '../storage/run-files.js';
import type { RunRecord } from '../storage/run-record.schema.js';
import type { RunDetail } from './run-detail.js';
import { runProgress } from './run-progress.js';
import { RunWarnings } from './run-warnings.js';

/** The record; that of a run that is over with what is shown of it once its detail is on disk only. */
export function summarized(record: RunRecord, detail: RunDetail | undefined, now: number): RunRecord {
  const isOver = TERMINAL_STATES.includes(record.state);
  if (record.kind === 'evaluation' || !isOver || detail === undefined) return record;
  const progress = runProgress(record, detail.training, now);
  return { ...record, summary: { progress, ledger: detail.training.ledgerView(), ...detail.journal.warnings.view() } };
}

/** The record with its warnings counted; a Skiplane that came before did not. */
export async function withWarnings(record: RunRecord, files: RunFiles): Promise<RunRecord> {
  if (record.kind === 'evaluation' || record.summary?.numWarnings !== null) return record;
  const warnings = new RunWarnings();
  // A journal that cannot be read hides no run: its warnings stay uncounted.
  await files.readJournal((event) => warnings.note([event])).catch(() => undefined);
  return { ...record, summary: { ...record.summary, ...warnings.view() } };
}
