import type { WorkerHeartbeat } from '#contracts';
import type { LiveRun } from '../runs/live-run.js';

/** A change of lanes is told once it has stood still for so long: a worker's death moves several, one by one. */
const SETTLED_AFTER_MS = 2_500;

interface Seen {
  told: string;
  now: string;
  since: number;
}

/** Tells a run's journal who drives which lanes, when that has changed. */
export class LaneWatch {
  readonly #seen = new Map<string, Seen>();

  observe(run: LiveRun, workers: readonly WorkerHeartbeat[], now: number): void {
    const { id, incarnation, state } = run.record;
    if (state !== 'running') {
      this.#seen.delete(id);
      return;
    }
    const driving = workers.filter(
      (worker) => worker.runId === id && worker.incarnation === incarnation && worker.lanes.length > 0,
    );
    const words = driving.map((worker) => `${worker.workerId}: ${ranges(worker.lanes)}`).join(', ');
    const seen = this.#seen.get(id) ?? { told: '', now: '', since: now };
    this.#seen.set(id, seen);
    if (seen.now !== words) {
      Object.assign(seen, { now: words, since: now });
      run.feed.touch();
    }
    if (seen.told === words || words === '' || now - seen.since < SETTLED_AFTER_MS) return;
    seen.told = words;
    run.note({ level: 'info', topic: 'lanes', message: `lanes by worker: ${words}` });
  }
}

/** 0-3, 5. */
function ranges(lanes: readonly number[]): string {
  const sorted = lanes.toSorted((a, b) => a - b);
  const parts: string[] = [];
  for (let index = 0; index < sorted.length; index += 1) {
    const first = sorted[index];
    while (sorted[index + 1] === (sorted[index] ?? 0) + 1) index += 1;
    parts.push(first === sorted[index] ? `${first}` : `${first}-${sorted[index]}`);
  }
  return parts.join(' ');
}
