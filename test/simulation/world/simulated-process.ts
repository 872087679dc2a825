import type { Owner } from './clock.js';

/** Something that ends with its process: a socket, a lease. */
export interface Belonging {
  /** `isSilent`: the whole machine is gone, so nobody is told. */
  lost(isSilent: boolean): void;
}

/** A process of the simulated system: what it schedules is its own and dies with it. */
export class SimulatedProcess implements Owner {
  readonly #onBug: (process: SimulatedProcess, error: unknown) => void;
  isAlive = true;
  frozenUntil = 0;
  readonly belongings = new Set<Belonging>();

  constructor(
    readonly name: string,
    /** When it was started, by virtual time. */
    readonly startedAt: number,
    /** How far this machine's wall clock is off, in milliseconds; it may be set. */
    public clockOffsetMs: number,
    /** Told of an end that no fault asked for. */
    onBug: (process: SimulatedProcess, error: unknown) => void,
  ) {
    this.#onBug = onBug;
  }

  crashed(error: unknown): void {
    if (!this.isAlive) return;
    this.#onBug(this, error);
    this.kill();
  }

  /** SIGKILL: timers never fire, promises never settle, the kernel closes the sockets. */
  kill(isSilent = false): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    for (const belonging of this.belongings) belonging.lost(isSilent);
    this.belongings.clear();
  }
}
