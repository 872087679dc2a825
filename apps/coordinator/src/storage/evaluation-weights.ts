import { copyFile, link, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { errorCode, isMissing, sha256OfFile } from '#files';
import { buildNetwork, fitWeights, layoutOf, openWeights, saveWeights, type NetworkOptions } from '#resnet';
import type { Logger } from '#telemetry';
import type { CoordinatorConfig } from '../config/coordinator.config.js';
import { CONFIG, LOGGER } from '../config/settings.js';
import { CheckpointFiles, type CheckpointOwner } from './checkpoint-files.js';
import { StoredFiles } from './stored-files.js';

interface KeptNetwork {
  readonly model: NetworkOptions;
  readonly path: string;
  /** Whether it is a file that somebody named, not a run's. */
  readonly isForeign: boolean;
}

/** A store that could not be cleaned is left alone so long. */
const RETRY_MS = 60_000;

/**
 * Keeps the weights of an evaluation in a folder of its own beside the checkpoints, where all workers find them: the run
 * may throw the checkpoint away while it is evaluated. A link costs nothing; across file systems it is a copy. Of a run with
 * a store they lie there; the folder on disk says that they do.
 */
@Injectable()
export class EvaluationWeights {
  readonly #checkpointDirectory: string;
  readonly #files: CheckpointFiles;
  readonly #stored: StoredFiles;
  readonly #logger: Logger;
  /** Evaluations whose weights are kept, as far as known; undefined: the disk has to be asked. */
  #kept: Set<string> | undefined;
  /** When the removal from a store may be tried again. */
  readonly #removing = new Map<string, number>();

  constructor(
    files: CheckpointFiles,
    stored: StoredFiles,
    @Inject(CONFIG) { checkpointDirectory }: Pick<CoordinatorConfig, 'checkpointDirectory'>,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#files = files;
    this.#stored = stored;
    this.#checkpointDirectory = checkpointDirectory;
    this.#logger = logger;
  }

  /**
   * Addresses of the kept files, in order, with their SHA-256. Reads every file once. What others wrote is kept as safetensors:
   * workers read no pickle.
   */
  async keep(owner: CheckpointOwner, networks: readonly KeptNetwork[]): Promise<{ path: string; sha256: string }[]> {
    const folder = join(this.#checkpointDirectory, owner.id);
    const isStored = owner.spec.checkpoint.store !== undefined;
    await mkdir(folder, { recursive: true });
    this.#kept?.add(owner.id);
    const kept: { path: string; sha256: string }[] = [];
    for (const [at, network] of networks.entries()) {
      const name = `network-${at}.safetensors`;
      const path = join(folder, name);
      await (network.isForeign ? saveForeign(network, path) : linkOrCopy(network.path, path));
      const sha256 = await sha256OfFile(path);
      if (isStored) {
        kept.push({ path: await this.#stored.write(this.#files.folderOf(owner), name, { file: path }), sha256 });
        await rm(path);
      } else kept.push({ path, sha256 });
    }
    return kept;
  }

  /**
   * Removes the weights of evaluations that are over. Looks at the disk once, for what an earlier process left. What lies in a
   * store is removed in the background. `isOver`: undefined of what is no evaluation.
   */
  async removeAll(
    isOver: (id: string) => boolean | undefined,
    ownerOf: (id: string) => Promise<CheckpointOwner | undefined>,
  ): Promise<void> {
    if (this.#kept === undefined) {
      const folders = await readdir(this.#checkpointDirectory).catch((error: unknown) => {
        if (isMissing(error)) return [];
        throw error;
      });
      this.#kept = new Set(folders.filter((id) => isOver(id) !== undefined));
    }
    for (const id of this.#kept) {
      if (isOver(id) !== true || (this.#removing.get(id) ?? 0) > performance.now()) continue;
      const owner = await ownerOf(id);
      if (owner?.spec.checkpoint.store === undefined) await this.#removeLocal(id);
      else void this.#removeStored(owner);
    }
  }

  async #removeStored(owner: CheckpointOwner): Promise<void> {
    const { id } = owner;
    this.#removing.set(id, Infinity);
    try {
      await this.#stored.removeFolder(this.#files.folderOf(owner));
      await this.#removeLocal(id);
      this.#removing.delete(id);
    } catch (error) {
      this.#removing.set(id, performance.now() + RETRY_MS);
      this.#logger.warn({ event: 'evaluation-weights-left', id, err: error }, 'weights were not removed from a store');
    }
  }

  async #removeLocal(id: string): Promise<void> {
    await rm(join(this.#checkpointDirectory, id), { recursive: true, force: true });
    this.#kept?.delete(id);
  }
}

async function saveForeign({ model, path: from }: KeptNetwork, path: string): Promise<void> {
  const network = buildNetwork(model);
  await using file = await openWeights(from);
  await saveWeights(fitWeights(network, layoutOf(network), file.tensors), path);
}

async function linkOrCopy(from: string, path: string): Promise<void> {
  await link(from, path).catch(async (error: unknown) => {
    if (errorCode(error) === undefined) throw error;
    await copyFile(from, path);
  });
}
