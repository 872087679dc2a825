import { MAX_SHOWN_WARNINGS, type RunEvent, type RunView } from '#contracts';

/** The lines of a run's journal that are warnings or errors: how many, and the newest. */
export class RunWarnings {
  #count = 0;
  #newest: readonly RunEvent[] = [];

  note(events: readonly RunEvent[]): void {
    const warnings = events.filter(({ level }) => level !== 'info');
    if (warnings.length === 0) return;
    this.#count += warnings.length;
    this.#newest = [...this.#newest, ...warnings].slice(-MAX_SHOWN_WARNINGS);
  }

  /** Goes on from an earlier view. */
  resume({ numWarnings, warnings }: Pick<RunView, 'numWarnings' | 'warnings'>): void {
    this.#count = numWarnings;
    this.#newest = warnings;
  }

  view(): Pick<RunView, 'numWarnings' | 'warnings'> {
    return { numWarnings: this.#count, warnings: [...this.#newest] };
  }
}
