import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { addressIn, type Checkpoint } from '#contracts';
import type { ReplicaState } from '#engine';
import { type Limits, type StoreSettings } from '#stores';
import { RequestThread } from '#threads';
import type { CheckpointPort } from '../training-work/training-ports.js';
import type { CheckpointPosition, CheckpointTarget } from './checkpoint-files.js';
import { CheckpointUploads } from './checkpoint-uploads.js';
import { CheckpointWriter } from './checkpoint-writer.js';
import type { UploadAnswers, UploadRequest, UploadTarget } from './upload-thread.js';

/** Fewer attempts than a reader makes: whoever writes begins again by itself, and tells soon. */
const LIMITS: Limits = {
  firstByteMs: 30_000,
  idleMs: 30_000,
  numAttempts: 6,
  firstDelayMs: 250,
  longestDelayMs: 10_000,
};
/** A thread that uploads is not taken for hung before. */
const UPLOAD_MS = 3_600_000;
/** What a worker that was killed has left on this host's disk stays so long. */
const LEFT_BEHIND_MS = 7 * 24 * 3_600_000;

export interface StoredCheckpointsOptions {
  /** Its directory is the address of the run's folder in the store. */
  readonly target: CheckpointTarget;
  readonly stores: StoreSettings;
  /** A folder of this host's disk, for workers of all runs. */
  readonly staging: string;
  readonly tell: (level: 'info' | 'error', message: string) => void;
}

/** Writes checkpoints to this host's disk and brings them to a store, each in a thread of its own. */
export class StoredCheckpointWriter implements CheckpointPort {
  readonly uploads: CheckpointUploads;
  readonly #folder: string;
  readonly #writer: CheckpointWriter;
  readonly #thread: RequestThread<UploadRequest, UploadAnswers>;
  /** Each has a folder of its own, so that one that is sent is not written over. */
  #numWritten = 0;

  constructor({ target, stores, staging, tell }: StoredCheckpointsOptions) {
    const { runId, writerId, keep, directory: location } = target;
    this.#folder = join(staging, `${runId}-${writerId}`);
    this.#writer = new CheckpointWriter({ ...target, directory: this.#folder });
    const data: UploadTarget = { source: { location, settings: stores }, keep, limits: LIMITS };
    this.#thread = new RequestThread({
      url: new URL('./upload-thread.js', import.meta.url),
      name: 'checkpoint upload',
      data,
      guard: { patienceMs: UPLOAD_MS, onHung: ({ message }) => tell('error', message) },
    });
    this.uploads = new CheckpointUploads({
      keep,
      tell,
      send: async ({ directory: from }) => {
        const { folder, pruneFault } = (await this.#thread.request({ kind: 'upload', from })).value;
        if (pruneFault !== undefined)
          tell('error', `earlier checkpoints were not removed from the store: ${pruneFault}`);
        return addressIn(location, folder);
      },
      discard: ({ directory }) => rm(dirname(directory), { recursive: true, force: true }),
    });
    void removeLeftBehind(staging);
  }

  write(state: ReplicaState, position: CheckpointPosition): Promise<Checkpoint> {
    this.#numWritten += 1;
    return this.#writer.write(state, position, join(this.#folder, String(this.#numWritten)));
  }

  /** Ends the threads; what has not reached the store is lost. */
  async close(): Promise<void> {
    this.uploads.close();
    await Promise.all([this.#writer.close(), this.#thread.close()]);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function removeLeftBehind(staging: string): Promise<void> {
  for (const name of await readdir(staging).catch(() => [])) {
    const path = join(staging, name);
    const changedAt = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => Infinity,
    );
    if (Date.now() - changedAt > LEFT_BEHIND_MS)
      await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}
