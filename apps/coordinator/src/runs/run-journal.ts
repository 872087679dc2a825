import type { RunEvent } from '#contracts';
import { RunWarnings } from './run-warnings.js';

/** Lines held at least, if there are so many; as many again before older ones are let go. */
const HELD = 500;

/** A run's journal: its newest lines, its last number, its warnings. Older lines are in the file. */
export class RunJournal {
  #newest: RunEvent[] = [];
  #lastId = 0;
  readonly warnings = new RunWarnings();

  /** The newest lines, in their order. */
  get newest(): readonly RunEvent[] {
    return this.#newest;
  }

  get lastId(): number {
    return this.#lastId;
  }

  /** Takes in lines, in their order. */
  note(events: readonly RunEvent[]): void {
    this.#newest.push(...events);
    this.#lastId = this.#newest.at(-1)?.id ?? this.#lastId;
    this.warnings.note(events);
  }

  /** Goes on behind lines that are in the file alone. */
  resume(lastId: number, warnings: ReturnType<RunWarnings['view']>): void {
    this.#lastId = lastId;
    this.warnings.resume(warnings);
  }

  /** Lets go of older lines, which must be in the file. */
  trim(): void {
    if (this.#newest.length > 2 * HELD) this.#newest = this.#newest.slice(-HELD);
  }
}
