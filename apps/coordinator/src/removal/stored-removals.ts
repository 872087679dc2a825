import type { Logger } from '#telemetry';
import type { CheckpointFiles, CheckpointOwner } from '../storage/checkpoint-files.js';
import { RunFiles } from '../storage/run-files.js';
import type { StoredFiles } from '../storage/stored-files.js';

/** A store that could not be cleaned is left alone so long. */
const RETRY_MS = 60_000;

/**
 * Takes what deleted runs have in stores away, in the background: a store that is away keeps no other run from being deleted.
 * The folder of the record goes last, so that whatever is left is found again.
 */
export class StoredRemovals {
  readonly #options: {
    readonly files: CheckpointFiles;
    readonly stored: StoredFiles;
    readonly logger: Logger;
    readonly dataDirectory: string;
  };
  /** When a run that is left may be tried again. */
  readonly #left = new Map<string, number>();

  constructor(options: {
    readonly files: CheckpointFiles;
    readonly stored: StoredFiles;
    readonly logger: Logger;
    readonly dataDirectory: string;
  }) {
    this.#options = options;
  }

  /** Something is still to be taken away. */
  get hasRest(): boolean {
    return this.#left.size > 0;
  }

  /** Settles when it is gone or cannot be taken away now; never rejects. */
  async remove(run: CheckpointOwner): Promise<void> {
    const { files, stored, logger, dataDirectory } = this.#options;
    if ((this.#left.get(run.id) ?? 0) > performance.now()) return;
    this.#left.set(run.id, Infinity);
    try {
      await stored.removeFolder(files.folderOf(run));
      await RunFiles.removeBuried(dataDirectory, run.id);
      this.#left.delete(run.id);
    } catch (error) {
      this.#left.set(run.id, performance.now() + RETRY_MS);
      logger.warn({ event: 'store-not-cleaned', run: run.id, err: error }, 'a deleted run is still in its store');
    }
  }
}
