import type { LiveRun } from './live-run.js';

/** Runs that are over and that nobody uses: so many stay, for who asks twice. A run of 1,000 classes takes some 100 kB. */
const MOST_IDLE = 32;

/**
 * Runs in memory: all that are not over, and of the others those in use. There is never a second object of a run while
 * somebody holds the first: what changes a run comes in turn only within one object.
 */
export class LoadedRuns {
  /** Those asked for last stand last. */
  readonly #runs = new Map<string, LiveRun>();
  /** Let go of here, and perhaps still held by a request. */
  readonly #dropped = new Map<string, WeakRef<LiveRun>>();

  get(id: string): LiveRun | undefined {
    const run = this.#runs.get(id) ?? this.#dropped.get(id)?.deref();
    if (run?.isOver === true) this.hold(run);
    return run;
  }

  /** As `get`; that the run was looked at keeps it no longer. */
  peek(id: string): LiveRun | undefined {
    return this.#runs.get(id);
  }

  hold(run: LiveRun): void {
    this.#runs.delete(run.id);
    this.#runs.set(run.id, run);
    this.#dropped.delete(run.id);
  }

  all(): LiveRun[] {
    return [...this.#runs.values()];
  }

  /** Oldest first. */
  unfinished(): LiveRun[] {
    return this.all()
      .filter((run) => !run.isOver)
      .sort((left, right) => left.record.createdAt - right.record.createdAt || (left.id < right.id ? -1 : 1));
  }

  /** One that fails keeps no other from its turn; its error is thrown in the end. */
  async each(action: (run: LiveRun) => Promise<void>): Promise<void> {
    const failures: unknown[] = [];
    for (const run of this.all()) await action(run).catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }

  remove(id: string): void {
    this.#runs.delete(id);
    this.#dropped.delete(id);
  }

  /** Lets go of idle runs, but for those asked for last. */
  trim(): void {
    const idle = this.all().filter((run) => run.isIdle);
    for (const run of idle.slice(0, Math.max(0, idle.length - MOST_IDLE))) {
      this.#runs.delete(run.id);
      this.#dropped.set(run.id, new WeakRef(run));
    }
    for (const [id, reference] of this.#dropped) if (reference.deref() === undefined) this.#dropped.delete(id);
  }
}
