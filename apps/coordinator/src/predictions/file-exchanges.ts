import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addressIn } from '#contracts';
import type { Logger } from '#telemetry';
import type { CheckpointFiles, CheckpointOwner } from '../storage/checkpoint-files.js';
import type { StoredFiles } from '../storage/stored-files.js';

interface FileExchangesOptions {
  readonly files: CheckpointFiles;
  readonly stored: StoredFiles;
  readonly logger: Logger;
  /** Seen by all workers under the same path. */
  readonly checkpointDirectory: string;
}

/** A folder in which files go to a worker and come back. */
export interface FileExchange {
  /** Resolves with where the worker finds the bytes. */
  give(name: string, bytes: Uint8Array): Promise<string>;
  /** Where the worker is to put a file. */
  addressOf(name: string): string;
  take(name: string): Promise<Buffer>;
  /** Removes all of it; never rejects. */
  close(): Promise<void>;
}

/** Folders between coordinator and workers: on the disk that all see, or in the store of a run that has one. */
export class FileExchanges {
  readonly #options: FileExchangesOptions;

  constructor(options: FileExchangesOptions) {
    this.#options = options;
  }

  open(run: CheckpointOwner, purpose: string): FileExchange {
    const { files, checkpointDirectory } = this.#options;
    const own = `${purpose}/${randomUUID()}`;
    if (run.spec.checkpoint.store === undefined) return this.#onDisk(join(checkpointDirectory, own));
    return this.#inStore(addressIn(files.folderOf(run), own));
  }

  #onDisk(folder: string): FileExchange {
    const { logger } = this.#options;
    const addressOf = (name: string): string => join(folder, name);
    return {
      addressOf,
      async give(name, bytes) {
        await mkdir(folder, { recursive: true });
        await writeFile(addressOf(name), bytes);
        return addressOf(name);
      },
      take: (name) => readFile(addressOf(name)),
      close: () => rm(folder, { recursive: true, force: true }).catch((error: unknown) => left(logger, folder, error)),
    };
  }

  #inStore(folder: string): FileExchange {
    const { stored, files, logger } = this.#options;
    const addressOf = (name: string): string => addressIn(folder, name);
    return {
      addressOf,
      give: (name, bytes) => stored.write(folder, name, bytes),
      take: async (name) => readFile(await files.localPath(addressOf(name))),
      close: () => stored.removeFolder(folder).catch((error: unknown) => left(logger, folder, error)),
    };
  }
}

function left(logger: Logger, folder: string, error: unknown): void {
  logger.warn({ event: 'exchange-left', folder, err: error }, 'files for a worker were not removed');
}
