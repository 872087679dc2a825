import type { WorkerHeartbeat } from '#contracts';

const WINDOW_MS = 600_000;

/** Workers that ended without a goodbye in the last ten minutes, by the name that their successors share. */
export class WorkerCrashes {
  readonly #ends = new Map<string, number[]>();
  #alive: ReadonlyMap<string, WorkerHeartbeat> = new Map();

  /** `goodbyes`: ids of those that left in order. `now` only grows. */
  observe(alive: readonly WorkerHeartbeat[], goodbyes: ReadonlySet<string>, now: number): void {
    const present = new Map(alive.map((worker) => [processOf(worker), worker]));
    for (const [process, worker] of this.#alive) {
      if (present.has(process) || goodbyes.has(worker.workerId)) continue;
      const name = lineOf(worker);
      this.#ends.set(name, [...(this.#ends.get(name) ?? []), now]);
    }
    this.#alive = present;
    for (const [name, ends] of this.#ends) {
      const recent = ends.filter((at) => now - at < WINDOW_MS);
      if (recent.length > 0) this.#ends.set(name, recent);
      else this.#ends.delete(name);
    }
  }

  /** How often each has ended so. */
  get counts(): ReadonlyMap<string, number> {
    return new Map([...this.#ends].map(([name, ends]) => [name, ends.length]));
  }
}

function processOf({ workerId, host, pid }: WorkerHeartbeat): string {
  return JSON.stringify([workerId, host, pid]);
}

/** A launcher numbers restarts (`worker-1.2`); ids that workers draw themselves have no more in common than the host. */
function lineOf({ workerId, host, pid }: WorkerHeartbeat): string {
  return workerId.includes(`-${pid}-`) ? host : workerId.replace(/\.\d+$/, '');
}
