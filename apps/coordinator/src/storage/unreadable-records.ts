import type { UnreadableRecord } from '#contracts';
import type { Logger } from '#telemetry';
import { UnreadableRecordError } from './read-record.js';

interface FoundOptions {
  /** In the log: `study`. */
  readonly kind: string;
  /** In words. Default: the kind. */
  readonly what?: string;
  readonly logger: Logger;
}

/** Records that cannot be read, by the id they lie under, with the reason. What lies there is not touched. */
export class UnreadableRecords {
  readonly #reasons = new Map<string, string>();

  /** Lists what reading a record has failed with, and logs it. */
  found(id: string, error: unknown, { kind, what, logger }: FoundOptions): void {
    const reason = error instanceof UnreadableRecordError ? error.message : String(error);
    this.#reasons.set(id, reason);
    const words = `the record of a ${what ?? kind} cannot be read, it is left as it is`;
    logger.error({ event: `${kind}-unreadable`, [kind]: id, reason, err: error }, words);
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
