import { RefusedInputError } from '#contracts';
import type { CheckpointFiles, WholeCheckpoint } from '../storage/checkpoint-files.js';
import type { TrainingRecord } from '../storage/run-record.schema.js';

/** A store is being asked, or does not answer: a later look asks again. */
export class NotYetKnownError extends Error {
  override readonly name = 'NotYetKnownError';

  constructor(
    message: string,
    /** The store does not answer, or lets nobody in. */
    readonly isTrouble: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

interface Look {
  /** The checkpoints that were looked at. */
  readonly key: string;
  /** Absent while the store is asked. */
  ended?: { readonly found: WholeCheckpoint } | { readonly error: unknown; readonly at: number };
}

/** A store that could not be read is left alone so long. */
const RETRY_MS = 10_000;

/**
 * Finds the newest whole checkpoint of a run. A store may take minutes to give or to refuse it, and no other run is to wait for
 * that: it is asked in the background, and who asks meanwhile is told to come again.
 */
export class WholeCheckpoints {
  readonly #files: Pick<CheckpointFiles, 'newestWhole' | 'folderOf'>;
  readonly #retryMs: number;
  readonly #looks = new Map<string, Look>();

  constructor(files: Pick<CheckpointFiles, 'newestWhole' | 'folderOf'>, { retryMs = RETRY_MS } = {}) {
    this.#files = files;
    this.#retryMs = retryMs;
  }

  /** Rejects with NotYetKnownError, or NewerVersionError. */
  async newest(record: TrainingRecord): Promise<WholeCheckpoint> {
    if (record.spec.checkpoint.store === undefined || record.checkpoints.length === 0)
      return await this.#files.newestWhole(record);
    const look = this.#lookOf(record);
    const { ended } = look;
    const where = `its checkpoints in ${this.#files.folderOf(record)}`;
    if (ended === undefined) throw new NotYetKnownError(`${where} are being read`, false);
    if ('found' in ended) {
      this.#looks.delete(record.id);
      return ended.found;
    }
    const { error, at } = ended;
    if (error instanceof RefusedInputError || performance.now() - at >= this.#retryMs) this.#looks.delete(record.id);
    if (error instanceof RefusedInputError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new NotYetKnownError(`${where} cannot be read now: ${why}`, true, { cause: error });
  }

  #lookOf(record: TrainingRecord): Look {
    const key = JSON.stringify(record.checkpoints);
    const known = this.#looks.get(record.id);
    if (known?.key === key) return known;
    const look: Look = { key };
    this.#looks.set(record.id, look);
    this.#files.newestWhole(record).then(
      (found) => (look.ended = { found }),
      (error: unknown) => (look.ended = { error, at: performance.now() }),
    );
    return look;
  }
}
