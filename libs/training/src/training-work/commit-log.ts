import type { CommitMemory, Evaluation, StepMetrics } from '#contracts';

/** Commits kept for a leader that takes over: more than two seconds' worth of steps would be lost otherwise. */
const KEPT_COMMITS = 512;
const KEPT_EVALUATIONS = 4;
const MIN_INTERVAL_MS = 500;

/** Tells the coordinator, which drops repeats. */
export interface CommitReporter {
  steps(steps: readonly StepMetrics[]): void;
  evaluation(evaluation: Evaluation): void;
}

/**
 * What the replica knows about committed rounds. Every replica knows the same; only the leader reports, at most twice a
 * second, and a new leader reports its memory again, so no step is missing whoever dies; a newcomer is given the memory
 * with the state. The coordinator drops repeats.
 */
export class CommitLog {
  readonly #reporter: CommitReporter;
  readonly #now: () => number;
  #steps: StepMetrics[] = [];
  #evaluations: Evaluation[] = [];
  #unreported = 0;
  #wasLeader = false;
  #reportedAt = Number.NEGATIVE_INFINITY;

  /** `now`: milliseconds that only grow; a clock that is set back would hold reports up. */
  constructor(reporter: CommitReporter, now: () => number = () => performance.now()) {
    this.#reporter = reporter;
    this.#now = now;
  }

  get memory(): CommitMemory {
    return { steps: this.#steps, evaluations: this.#evaluations };
  }

  /** Takes in the memory of whoever gave this replica its state. Reported by whoever leads from now on. */
  learn({ steps, evaluations }: CommitMemory): void {
    const known = new Set(this.#steps.map(({ step }) => step));
    const fresh = steps.filter(({ step }) => !known.has(step));
    this.#steps = [...fresh, ...this.#steps].sort((a, b) => a.step - b.step).slice(-KEPT_COMMITS);
    const epochs = new Set(this.#evaluations.map(({ epoch }) => epoch));
    const older = evaluations.filter(({ epoch }) => !epochs.has(epoch));
    this.#evaluations = [...older, ...this.#evaluations].sort((a, b) => a.epoch - b.epoch).slice(-KEPT_EVALUATIONS);
    this.#wasLeader = false;
  }

  step(metrics: StepMetrics, isLeader: boolean): void {
    this.#steps = [...this.#steps.slice(1 - KEPT_COMMITS), metrics];
    this.#unreported += 1;
    this.#follow(isLeader);
    if (isLeader && this.#now() - this.#reportedAt >= MIN_INTERVAL_MS) this.flush(isLeader);
  }

  evaluation(evaluation: Evaluation, isLeader: boolean): void {
    this.#follow(isLeader);
    this.#evaluations = [...this.#evaluations.slice(1 - KEPT_EVALUATIONS), evaluation];
    if (!isLeader) return;
    this.flush(isLeader);
    this.#reporter.evaluation(evaluation);
  }

  /**
   * Reports what the leader has not reported yet. To be called now and then: who comes to lead after the last step of
   * a run would not learn it from a step.
   */
  flush(isLeader: boolean): void {
    this.#follow(isLeader);
    if (!isLeader || this.#unreported === 0) return;
    const steps = this.#steps.slice(-Math.min(this.#unreported, KEPT_COMMITS));
    this.#unreported = 0;
    this.#reportedAt = this.#now();
    if (steps.length > 0) this.#reporter.steps(steps);
  }

  #follow(isLeader: boolean): void {
    if (isLeader && !this.#wasLeader) {
      this.#unreported = this.#steps.length;
      for (const evaluation of this.#evaluations) this.#reporter.evaluation(evaluation);
    }
    this.#wasLeader = isLeader;
  }
}
