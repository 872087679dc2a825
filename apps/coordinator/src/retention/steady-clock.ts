/** A clock that is corrected by less goes steadily. */
const JUMP_MS = 60_000;

/**
 * Watches whether the clock on the wall goes as fast as one that nobody sets. A clock that was set to a wrong year would
 * make every run an old one.
 */
export class SteadyClock {
  readonly #wall: () => number;
  readonly #monotonic: () => number;
  #offset: number;
  #since: number;

  constructor(wall: () => number, monotonic: () => number = () => performance.now()) {
    this.#wall = wall;
    this.#monotonic = monotonic;
    this.#since = monotonic();
    this.#offset = wall() - this.#since;
  }

  /** For how long the clock has gone steadily, as far as it was looked at, milliseconds. */
  steadyMs(): number {
    const now = this.#monotonic();
    const offset = this.#wall() - now;
    if (Math.abs(offset - this.#offset) > JUMP_MS) {
      this.#since = now;
      this.#offset = offset;
    }
    return now - this.#since;
  }
}
