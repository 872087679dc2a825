import { readFile, realpath, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import {
  addressIn,
  CHECKPOINT_FILES,
  CHECKPOINT_MANIFEST_FILE,
  checkpointFiles,
  NewerVersionError,
  parseManifest,
  RefusedInputError,
  type Checkpoint,
} from '#contracts';
import { errorCode, sha256OfFile } from '#files';
import { AddressedFiles, endingAfter, StoredObjectChangedError } from '#stores';
import type { CoordinatorConfig } from '../config/coordinator.config.js';
import { CONFIG } from '../config/settings.js';
import type { RunRecord, TrainingRecord } from './run-record.schema.js';

export interface WeightsFile {
  readonly path: string;
  readonly sizeBytes: number;
}

export interface DamagedCheckpoint {
  readonly step: number;
  /** What is wrong with it, in words. */
  readonly reason: string;
}

export interface WholeCheckpoint {
  /** The newest that is whole. */
  readonly checkpoint: Checkpoint | undefined;
  /** Newer ones. */
  readonly damaged: readonly DamagedCheckpoint[];
}

/** Whose checkpoints are meant, and where its spec has them lie. */
export type CheckpointOwner = { readonly id: string; readonly spec: Pick<RunRecord['spec'], 'checkpoint'> };

interface FindOptions {
  /** What was read of the file was not as it should be: the copy of this host is checked. */
  readonly isSuspect?: boolean;
  readonly signal?: AbortSignal;
}

/** Who asks for a file waits so long for a store. */
const FETCH_MS = 60_000;

/**
 * The files of runs' checkpoints, as paths of this host's disk: they lie in the run's folder, or are fetched from its store
 * into the cache. Where a checkpoint lies is said by a report: what is not inside the run's own folder is not there.
 */
@Injectable()
export class CheckpointFiles implements OnApplicationShutdown {
  readonly #directory: string;
  readonly #stores: AddressedFiles;

  constructor(
    @Inject(CONFIG) { checkpointDirectory, stores }: Pick<CoordinatorConfig, 'checkpointDirectory' | 'stores'>,
  ) {
    this.#directory = checkpointDirectory;
    this.#stores = new AddressedFiles(stores);
  }

  onApplicationShutdown(): void {
    this.#stores.close();
  }

  /** Where checkpoints of a run and whatever else its workers share lie: a folder of the disk, or an address. */
  folderOf({ id, spec }: CheckpointOwner): string {
    const { store } = spec.checkpoint;
    return store === undefined ? join(this.#directory, id) : addressIn(store, id);
  }

  /** A file of any address as a path of this host's disk. Rejects with RefusedInputError where a store has none, else as Store does. */
  async localPath(address: string): Promise<string> {
    const path = await this.#inTime(address, (signal) => this.#stores.pathOf(address, { signal }));
    if (path !== undefined) return path;
    throw new RefusedInputError(`there is no ${address}`, [{ path: 'path', message: `there is no ${address}` }]);
  }

  /** Undefined where it is not there. Rejects as Store does where that cannot be told. */
  async find(owner: CheckpointOwner, checkpoint: Checkpoint, name: string): Promise<string | undefined> {
    try {
      return await this.#inTime(name, (signal) => this.#path(owner, checkpoint, name, { signal }));
    } catch (error) {
      if (errorCode(error) !== undefined || error instanceof StoredObjectChangedError) return undefined;
      throw error;
    }
  }

  /** The weights of a checkpoint, or their average, if they are there. */
  async weights(
    owner: CheckpointOwner,
    checkpoint: Checkpoint,
    name: string = CHECKPOINT_FILES.weights,
  ): Promise<WeightsFile | undefined> {
    const path = await this.find(owner, checkpoint, name);
    const found = path === undefined ? undefined : await stat(path).catch(() => undefined);
    return path === undefined || found === undefined ? undefined : { path, sizeBytes: found.size };
  }

  /**
   * The newest checkpoint that is whole, and the newer ones that are not. Reads every file of those it looks at. Throws
   * NewerVersionError at one that a newer Skiplane has written, and as Store does.
   */
  async newestWhole(record: Pick<TrainingRecord, 'id' | 'spec' | 'checkpoints'>): Promise<WholeCheckpoint> {
    const damaged: DamagedCheckpoint[] = [];
    for (const checkpoint of record.checkpoints.toReversed()) {
      const reason = await this.#damageOf(record, checkpoint);
      if (reason === null) return { checkpoint, damaged };
      damaged.push({ step: checkpoint.step, reason });
    }
    return { checkpoint: undefined, damaged };
  }

  /** What a worker would refuse the checkpoint for; null of a whole one. */
  async #damageOf(owner: CheckpointOwner, checkpoint: Checkpoint): Promise<string | null> {
    let name: string = CHECKPOINT_MANIFEST_FILE;
    try {
      const path = await this.#path(owner, checkpoint, name);
      if (path === undefined) return `${name} is not in the folder of the run`;
      const manifest = parseManifest(await readFile(path, 'utf8'));
      if (manifest.step !== checkpoint.step) return `${name} is that of step ${manifest.step}`;
      if (manifest.weightsSha256 !== checkpoint.weightsSha256)
        return `${name} is about other weights than were reported`;
      for (const file of checkpointFiles(manifest)) {
        ({ name } = file);
        const sha256 = await this.#sha256(owner, checkpoint, file);
        if (sha256 === undefined) return `${name} is not in the folder of the run`;
        if (sha256 !== file.sha256) return `${name} is corrupt: its SHA-256 is ${sha256}, expected ${file.sha256}`;
      }
      return null;
    } catch (error) {
      // Not damaged: whoever goes on from an older one would overwrite it.
      if (error instanceof NewerVersionError) throw error;
      if (error instanceof RefusedInputError) return error.message;
      if (error instanceof StoredObjectChangedError) return `${name} is missing`;
      const code = errorCode(error);
      if (code === undefined) throw error;
      return code === 'ENOENT' ? `${name} is missing` : `${name} cannot be read (${code})`;
    }
  }

  /** Of a file that a manifest names. What the cache holds of it may have been damaged there. */
  async #sha256(
    owner: CheckpointOwner,
    checkpoint: Checkpoint,
    { name, sha256 }: { readonly name: string; readonly sha256: string },
  ): Promise<string | undefined> {
    const path = await this.#path(owner, checkpoint, name);
    const found = path && (await sha256OfFile(path));
    if (found === undefined || found === sha256 || owner.spec.checkpoint.store === undefined) return found;
    const again = await this.#path(owner, checkpoint, name, { isSuspect: true });
    return again && (await sha256OfFile(again));
  }

  /** Undefined where it is not in the run's folder. Throws the file system's error, or StoredObjectChangedError: it is gone. */
  async #path(
    owner: CheckpointOwner,
    { directory }: Checkpoint,
    name: string,
    options: FindOptions = {},
  ): Promise<string | undefined> {
    if (owner.spec.checkpoint.store === undefined)
      return await pathInRun(this.#directory, owner.id, join(directory, name));
    const address = addressIn(directory, name);
    const isInside = address.startsWith(`${this.folderOf(owner)}/`) && !/\/\.{1,2}\//.test(address);
    if (!isInside) return undefined;
    const path = await this.#stores.pathOf(address, options);
    if (path === undefined) throw new StoredObjectChangedError(address, 'is gone');
    return path;
  }

  /** A person waits. What is being fetched goes on being fetched: who asks again finds it. */
  #inTime<T>(what: string, find: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return endingAfter(FETCH_MS, `${what} did not come from its store within ${FETCH_MS / 1000} s: try again`, find);
  }
}

/**
 * Where a file of a checkpoint really lies; undefined when that is not inside the run's own checkpoint folder: where a
 * checkpoint lies is said by a report, and links may point elsewhere. Throws the file system's error.
 */
async function pathInRun(checkpointDirectory: string, runId: string, file: string): Promise<string | undefined> {
  const base = await realpath(join(checkpointDirectory, runId));
  const path = await realpath(resolve(base, file));
  return path.startsWith(base + sep) ? path : undefined;
}
