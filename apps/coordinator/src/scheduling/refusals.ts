import type { WorkerHeartbeat } from '#contracts';
import type { LiveRun } from '../runs/live-run.js';
import { refusalKey } from './schedule-input.js';

/** A worker that refused a run is asked again after so long: what was wrong may have been mended. */
const ASK_AGAIN_MS = 30_000;

export interface Refusal {
  readonly workerId: string;
  readonly runId: string;
  readonly reason: string;
}

/** Which worker would not serve which run, and why. */
export class Refusals {
  readonly #held = new Map<string, { reason: string; at: number }>();
  readonly #told = new Map<string, Refusal>();

  /** Reasons by refusalKey. */
  get reasons(): ReadonlyMap<string, string> {
    return new Map([...this.#held].map(([key, { reason }]) => [key, reason]));
  }

  /** Those of workers alive and runs that are not over, also while the worker is asked again. */
  get standing(): readonly Refusal[] {
    return [...this.#told.values()];
  }

  /** Takes in who refuses what it was assigned; each reason is told once in the run's journal. */
  observe(workers: readonly WorkerHeartbeat[], runs: readonly LiveRun[], now: number): void {
    for (const [key, { at }] of this.#held) if (now - at >= ASK_AGAIN_MS) this.#held.delete(key);
    this.#forget(workers, runs);
    for (const worker of workers) {
      if (worker.status !== 'refused') continue;
      const run = runs.find(({ record }) => record.assigned.some(({ workerId }) => workerId === worker.workerId));
      if (run === undefined || (worker.runId !== null && worker.runId !== run.id)) continue;
      const key = refusalKey(worker, run.id);
      const reason = worker.reason ?? 'it gives no reason';
      if (!this.#held.has(key)) this.#held.set(key, { reason, at: now });
      if (this.#told.get(key)?.reason === reason) continue;
      this.#told.set(key, { workerId: worker.workerId, runId: run.id, reason });
      const message = `worker ${worker.workerId} refuses the run: ${reason}`;
      run.note({ level: 'error', topic: 'worker', message });
    }
  }

  /** What concerns workers that are gone, runs that are over, or a worker that serves the run after all. */
  #forget(workers: readonly WorkerHeartbeat[], runs: readonly LiveRun[]): void {
    if (this.#told.size === 0) return;
    const unfinished = new Set(runs.map(({ id }) => id));
    for (const [key, { workerId, runId }] of this.#told) {
      const worker = workers.find((one) => one.workerId === workerId);
      const isSame = worker !== undefined && refusalKey(worker, runId) === key && !isServing(worker, runId);
      if (!isSame || !unfinished.has(runId)) this.#told.delete(key);
    }
  }
}

function isServing(worker: WorkerHeartbeat, runId: string): boolean {
  return worker.runId === runId && worker.status === 'ready';
}
