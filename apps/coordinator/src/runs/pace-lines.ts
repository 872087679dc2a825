import type { Phase, Slowness, WorkerPace } from '#contracts';
import type { JournalEntry } from './run-events.js';

const PHASE_WORDS: Readonly<Record<Phase, string>> = {
  data: 'waiting for data',
  compute: 'computing',
  exchange: 'the exchange',
};

/** Lines for the journal: who has become slow, and why, and who keeps up again. */
export function paceLines(before: readonly WorkerPace[], now: readonly WorkerPace[], at: number): JournalEntry[] {
  const wasSlow = new Set(before.flatMap(({ workerId, slowness }) => (slowness ? [workerId] : [])));
  return now.flatMap(({ workerId, slowness }): JournalEntry[] => {
    if ((slowness !== null) === wasSlow.has(workerId)) return [];
    return slowness === null
      ? [{ at, level: 'info', topic: 'straggler', message: `${workerId} keeps up again` }]
      : [{ at, level: 'warning', topic: 'straggler', message: `${workerId} is slow: ${slownessText(slowness)}` }];
  });
}

function slownessText({ phase, ms, othersMs, sinceStep }: Slowness): string {
  const ratio = ms / othersMs;
  const times = ratio < 100 ? `${ratio.toFixed(1)} x the others'` : "more than 100 x the others'";
  const figures = `${Math.round(ms)} ms, theirs ${Math.round(othersMs)} ms, since step ${sinceStep}`;
  return `${PHASE_WORDS[phase]} takes ${times} (${figures})`;
}
