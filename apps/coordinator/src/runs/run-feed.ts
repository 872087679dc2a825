import type { RunEvent, RunView, StepMetrics } from '#contracts';

/** One who follows a run: gets journal lines at once, the rest at most twice a second. */
export interface RunFollower {
  onJournal(events: readonly RunEvent[]): void;
  onProgress(view: RunView, steps: readonly StepMetrics[]): void;
  /** The coordinator is going down. */
  onEnd(): void;
}

/** Steps gathered between two flushes; a follower that wants all of them asks for the metrics. */
const MAX_GATHERED_STEPS = 2_000;

/** Hands a run's news to its followers; costs nothing while there is none. */
export class RunFeed {
  readonly #followers = new Set<RunFollower>();
  #steps: StepMetrics[] = [];
  #isStale = false;

  get numFollowers(): number {
    return this.#followers.size;
  }

  /** Returns what ends the following. */
  follow(follower: RunFollower): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  journal(events: readonly RunEvent[]): void {
    this.#isStale = true;
    if (events.length > 0) for (const follower of this.#followers) follower.onJournal(events);
  }

  committed(steps: readonly StepMetrics[]): void {
    this.#isStale = true;
    if (this.#followers.size === 0) return;
    this.#steps.push(...steps);
    if (this.#steps.length > MAX_GATHERED_STEPS) this.#steps = this.#steps.slice(-MAX_GATHERED_STEPS);
  }

  /** Something the view shows has changed. */
  touch(): void {
    this.#isStale = true;
  }

  flush(view: () => RunView): void {
    if (!this.#isStale) return;
    this.#isStale = false;
    const steps = this.#steps;
    this.#steps = [];
    if (this.#followers.size === 0) return;
    const now = view();
    for (const follower of this.#followers) follower.onProgress(now, steps);
  }

  end(): void {
    for (const follower of this.#followers) follower.onEnd();
    this.#followers.clear();
  }
}
