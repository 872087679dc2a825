import type { MetricsLine } from '../storage/run-files.js';
import { complaint, evaluated } from './commit-lines.js';
import type { RunDetail } from './run-detail.js';
import type { JournalEntry } from './run-events.js';

/** What came of lines that a worker reported. */
interface Taken {
  /** The lines that belong in metrics.jsonl. */
  readonly fresh: readonly MetricsLine[];
  readonly entries: readonly JournalEntry[];
  /** What kept the rest from being taken in. */
  readonly fault?: unknown;
}

/** Takes reported lines into a run's detail. Never throws: what was taken in before a fault is still to be written down. */
export function takeLines(
  detail: RunDetail,
  lines: readonly MetricsLine[],
  told: { readonly workerId: string; readonly at: number },
): Taken {
  const fresh: MetricsLine[] = [];
  const entries: JournalEntry[] = [];
  try {
    for (const line of lines) {
      const outcome = detail.take(line);
      if (outcome === 'new' || outcome === 'differs') fresh.push(line);
      if (outcome === 'differs' || outcome === 'misplaced') entries.push(complaint(line, outcome, told));
      if (outcome !== 'same' && outcome !== 'misplaced' && line.kind === 'evaluation')
        entries.push(evaluated(line.evaluation, told.at));
    }
    return { fresh, entries };
  } catch (fault) {
    return { fresh, entries, fault };
  }
}
