import { createHash } from 'node:crypto';
import { copyFile, link, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { errorCode, isMissing } from '#files';
import { buildNetwork, fitWeights, layoutOf, openWeights, saveWeights, type NetworkOptions } from '#resnet';
import type { CoordinatorConfig } from '../config/coordinator.config.js';
import { CONFIG } from '../config/settings.js';

interface KeptNetwork {
  readonly model: NetworkOptions;
  readonly path: string;
  /** Whether it is a file that somebody named, not a run's. */
  readonly isForeign: boolean;
}

/**
 * Keeps the weights of an evaluation in a folder of its own beside the checkpoints, where all workers see them: the run
 * may throw the checkpoint away while it is evaluated. A link costs nothing; across file systems it is a copy.
 */
@Injectable()
export class EvaluationWeights {
  readonly #checkpointDirectory: string;
  /** Evaluations whose weights are kept, as far as known; undefined: the disk has to be asked. */
  #kept: Set<string> | undefined;

  constructor(@Inject(CONFIG) { checkpointDirectory }: CoordinatorConfig) {
    this.#checkpointDirectory = checkpointDirectory;
  }

  /**
   * Paths of the kept files, in order, with their SHA-256. Reads every file once. What others wrote is kept as safetensors:
   * workers read no pickle.
   */
  async keep(evaluationId: string, networks: readonly KeptNetwork[]): Promise<{ path: string; sha256: string }[]> {
    const folder = join(this.#checkpointDirectory, evaluationId);
    await mkdir(folder, { recursive: true });
    this.#kept?.add(evaluationId);
    const kept: { path: string; sha256: string }[] = [];
    for (const [at, network] of networks.entries()) {
      const path = join(folder, `network-${at}.safetensors`);
      await (network.isForeign ? saveForeign(network, path) : linkOrCopy(network.path, path));
      kept.push({
        path,
        sha256: createHash('sha256')
          .update(await readFile(path))
          .digest('hex'),
      });
    }
    return kept;
  }

  /**
   * Removes the weights of evaluations that are over. Looks at the disk once, for what an earlier process left.
   * `isOver`: undefined of what is no evaluation.
   */
  async removeAll(isOver: (id: string) => boolean | undefined): Promise<void> {
    if (this.#kept === undefined) {
      const folders = await readdir(this.#checkpointDirectory).catch((error: unknown) => {
        if (isMissing(error)) return [];
        throw error;
      });
      this.#kept = new Set(folders.filter((id) => isOver(id) !== undefined));
    }
    for (const id of this.#kept) {
      if (isOver(id) !== true) continue;
      await rm(join(this.#checkpointDirectory, id), { recursive: true, force: true });
      this.#kept.delete(id);
    }
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
