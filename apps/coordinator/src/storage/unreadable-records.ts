import type { UnreadableRecord } from '#contracts';

/** Records that cannot be read, by the id they lie under, with the reason. What lies there is not touched. */
export class UnreadableRecords {
  readonly #reasons = new Map<string, string>();

  add(id: string, reason: string): void {
    this.#reasons.set(id, reason);
  }

  get(id: string): string | undefined {
    return this.#reasons.get(id);
  }

  /** The newest first: ids sort by time. */
  list(): UnreadableRecord[] {
    return [...this.#reasons]
      .map(([id, reason]) => ({ id, reason }))
      .sort((left, right) => (left.id < right.id ? 1 : -1));
  }
}
