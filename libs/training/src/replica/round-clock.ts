import type { RoundTimes, StepTimings } from '#contracts';

/** Where the wall-clock time of a round went, as this worker saw it. The parts add up to the duration. */
export class RoundClock {
  #startedAt = performance.now();
  #dataMs = 0;
  #busySince: number | null = null;
  #computedAt: number | null = null;
  #rootAt: number | null = null;
  #updateMs = 0;

  start(): void {
    this.#startedAt = performance.now();
    this.#dataMs = 0;
    this.#busySince = null;
    this.#computedAt = null;
    this.#rootAt = null;
  }

  lanesBegun(): void {
    this.#busySince ??= performance.now();
  }

  /** Lanes are done. Others of the round may follow; the longest wait for data counts. */
  lanesComputed(dataMs: number): void {
    this.#computedAt = performance.now();
    this.#dataMs = Math.max(this.#dataMs, dataMs);
  }

  rootArrived(): void {
    this.#rootAt = performance.now();
  }

  /** When this worker's part of the round was done, and what it took; its begin where nothing is done yet. */
  own(): { readonly computedAt: number; readonly ownMs: number } {
    const computedAt = this.#computedAt ?? this.#startedAt;
    return { computedAt, ownMs: computedAt - this.#startedAt };
  }

  /** What the worker has done of the round so far, and the update before it. Waiting for a lane is not its time. */
  ownTimes(): Pick<RoundTimes, 'dataMs' | 'computeMs' | 'updateMs'> {
    const busyMs = Math.max(0, (this.#computedAt ?? 0) - (this.#busySince ?? Infinity));
    const dataMs = Math.min(this.#dataMs, busyMs);
    return { dataMs, computeMs: busyMs - dataMs, updateMs: this.#updateMs };
  }

  /** Call when the update is applied. */
  read(): { readonly durationMs: number; readonly timings: StepTimings } {
    const now = performance.now();
    const rootAt = this.#rootAt ?? now;
    const computedAt = Math.min(this.#computedAt ?? this.#startedAt, rootAt);
    const computeWallMs = computedAt - this.#startedAt;
    const dataMs = Math.min(this.#dataMs, computeWallMs);
    this.#updateMs = now - rootAt;
    return {
      durationMs: now - this.#startedAt,
      timings: { dataMs, computeMs: computeWallMs - dataMs, exchangeMs: rootAt - computedAt, updateMs: now - rootAt },
    };
  }
}
