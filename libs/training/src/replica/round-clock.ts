import type { StepTimings } from '#contracts';

/** Where the wall-clock time of a round went, as this worker saw it. The parts add up to the duration. */
export class RoundClock {
  #startedAt = performance.now();
  #dataMs = 0;
  #computedAt: number | null = null;
  #rootAt: number | null = null;

  start(): void {
    this.#startedAt = performance.now();
    this.#dataMs = 0;
    this.#computedAt = null;
    this.#rootAt = null;
  }

  /** A lane is done; lanes wait for data at the same time, so the longest wait counts. */
  laneComputed(dataMs: number): void {
    this.#computedAt = performance.now();
    this.#dataMs = Math.max(this.#dataMs, dataMs);
  }

  rootArrived(): void {
    this.#rootAt = performance.now();
  }

  /** Call when the update is applied. */
  read(): { readonly durationMs: number; readonly timings: StepTimings } {
    const now = performance.now();
    const rootAt = this.#rootAt ?? now;
    const computedAt = Math.min(this.#computedAt ?? this.#startedAt, rootAt);
    const computeWallMs = computedAt - this.#startedAt;
    const dataMs = Math.min(this.#dataMs, computeWallMs);
    return {
      durationMs: now - this.#startedAt,
      timings: { dataMs, computeMs: computeWallMs - dataMs, exchangeMs: rootAt - computedAt, updateMs: now - rootAt },
    };
  }
}
