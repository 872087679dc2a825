import { slownessText, type WorkerTimes } from '#contracts';
import type { JournalEntry } from './run-events.js';

/** Lines for the journal: who has become slow, and why, and who keeps up again. */
export function stragglerLines(
  before: readonly WorkerTimes[],
  now: readonly WorkerTimes[],
  at: number,
): JournalEntry[] {
  const wasSlow = new Set(before.flatMap(({ workerId, slowness }) => (slowness ? [workerId] : [])));
  return now.flatMap(({ workerId, slowness }): JournalEntry[] => {
    if ((slowness !== null) === wasSlow.has(workerId)) return [];
    return slowness === null
      ? [{ at, level: 'info', topic: 'straggler', message: `${workerId} keeps up again` }]
      : [{ at, level: 'warning', topic: 'straggler', message: `${workerId} is slow: ${slownessText(slowness)}` }];
  });
}
