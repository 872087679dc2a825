import { createHash } from 'node:crypto';
import { copyFile, link, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { errorCode } from '#files';
import type { CoordinatorConfig } from '../config/coordinator.config.js';
import { CONFIG } from '../config/settings.js';

/**
 * Keeps the weights of an evaluation in a folder of its own beside the checkpoints, where all workers see them: the run
 * may throw the checkpoint away while it is evaluated. A link costs nothing; across file systems it is a copy.
 */
@Injectable()
export class EvaluationWeights {
  readonly #checkpointDirectory: string;
  readonly #removed = new Set<string>();

  constructor(@Inject(CONFIG) { checkpointDirectory }: CoordinatorConfig) {
    this.#checkpointDirectory = checkpointDirectory;
  }

  /** Paths of the kept files, in order, with their SHA-256. Reads every file once. */
  async keep(evaluationId: string, paths: readonly string[]): Promise<{ path: string; sha256: string }[]> {
    const folder = join(this.#checkpointDirectory, evaluationId);
    await mkdir(folder, { recursive: true });
    const kept: { path: string; sha256: string }[] = [];
    for (const [at, from] of paths.entries()) {
      const path = join(folder, `network-${at}.safetensors`);
      await link(from, path).catch(async (error: unknown) => {
        if (errorCode(error) === undefined) throw error;
        await copyFile(from, path);
      });
      kept.push({
        path,
        sha256: createHash('sha256')
          .update(await readFile(path))
          .digest('hex'),
      });
    }
    return kept;
  }

  /** Removes the folder; once is enough. */
  async remove(evaluationId: string): Promise<void> {
    if (this.#removed.has(evaluationId)) return;
    await rm(join(this.#checkpointDirectory, evaluationId), { recursive: true, force: true });
    this.#removed.add(evaluationId);
  }
}
