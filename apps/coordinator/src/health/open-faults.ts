import { Inject, Injectable } from '@nestjs/common';
import { CLOCK } from '../config/settings.js';

/** Something that is wrong for as long as it is open: an operator reads it in health, on the dashboard and on the runs that wait. */
export interface OpenFault {
  /** What is concerned: `redis`, `scheduling`, `disk`, ... One fault a kind. */
  readonly kind: string;
  /** What is wrong and what to do. */
  readonly message: string;
  /** Coordinator's clock, milliseconds since 1970. */
  readonly since: number;
}

/** What is wrong with the coordinator now. Whoever meets a fault raises it, and clears it when the same thing works again. */
@Injectable()
export class OpenFaults {
  readonly #faults = new Map<string, OpenFault>();
  readonly #clock: () => number;

  constructor(@Inject(CLOCK) clock: () => number) {
    this.#clock = clock;
  }

  /** A fault that is raised again keeps its time. Returns whether it is news. */
  raise(kind: string, message: string): boolean {
    const known = this.#faults.get(kind);
    this.#faults.set(kind, { kind, message, since: known?.since ?? this.#clock() });
    return known?.message !== message;
  }

  /** Returns whether it was open. */
  clear(kind: string): boolean {
    return this.#faults.delete(kind);
  }

  list(): readonly OpenFault[] {
    return [...this.#faults.values()];
  }
}
