import { copyFile, link, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import {
  CHECKPOINT_MANIFEST_FILE,
  checkpointFiles,
  checkpointFolder,
  manifestText,
  parseManifest,
  RefusedInputError,
  type Checkpoint,
  type CheckpointManifest,
  type CheckpointName,
  type RunSpec,
} from '#contracts';
import { errorCode, writeFileAtomically } from '#files';
import type { CoordinatorConfig } from '../config/coordinator.config.js';
import { CLOCK, CONFIG } from '../config/settings.js';
import { CheckpointFiles } from '../storage/checkpoint-files.js';
import { StoredFiles } from '../storage/stored-files.js';
import type { TrainingRecord } from '../storage/run-record.schema.js';
import { checkpointsText, checkpointText, namedCheckpoint, placeOf } from './kept-checkpoints.js';
import { resumedManifest, resumeFaults } from './resume-faults.js';

/** A checkpoint that a new run is to go on from. */
export interface ResumedCheckpoint {
  readonly original: TrainingRecord;
  readonly checkpoint: Checkpoint;
  readonly manifest: CheckpointManifest;
}

/**
 * Gives a new run a checkpoint of another one as its own, beside those that it will write. A link costs nothing; across
 * file systems it is a copy; a run with a store gets it there. The other run may throw the checkpoint away, or be deleted.
 */
@Injectable()
export class CheckpointCopies {
  readonly #files: CheckpointFiles;
  readonly #stored: StoredFiles;
  readonly #checkpointDirectory: string;
  readonly #clock: () => number;

  constructor(
    files: CheckpointFiles,
    stored: StoredFiles,
    @Inject(CONFIG) { checkpointDirectory }: CoordinatorConfig,
    @Inject(CLOCK) clock: () => number,
  ) {
    this.#files = files;
    this.#stored = stored;
    this.#checkpointDirectory = checkpointDirectory;
    this.#clock = clock;
  }

  /** Throws RefusedInputError where it is not there, or a run of this spec cannot go on from it: with every fault. */
  async find(original: TrainingRecord, name: CheckpointName, spec: RunSpec): Promise<ResumedCheckpoint> {
    const checkpoint = namedCheckpoint(original, name);
    const path = checkpoint && (await this.#files.find(original, checkpoint, CHECKPOINT_MANIFEST_FILE));
    if (checkpoint === undefined || path === undefined) {
      const message = `run ${original.id} has no files ${checkpointText(name)} ${placeOf(original)}; ${checkpointsText(original, name)}`;
      throw new RefusedInputError(message, [{ path: 'checkpoint', message }]);
    }
    const manifest = parseManifest(await readFile(path, 'utf8'));
    const faults = resumeFaults(original, spec, manifest);
    if (faults.length === 0) return { original, checkpoint, manifest };
    throw new RefusedInputError(`the run cannot go on from step ${checkpoint.step} so`, faults);
  }

  /** The copy, with every file's SHA-256 compared. Throws RefusedInputError where a file is gone or damaged. */
  async keep(runId: string, spec: RunSpec, { original, checkpoint, manifest }: ResumedCheckpoint): Promise<Checkpoint> {
    const directory = join(this.#checkpointDirectory, runId, checkpointFolder(manifest.step));
    try {
      await mkdir(directory, { recursive: true });
      for (const { name } of checkpointFiles(manifest)) {
        const from = await this.#files.find(original, checkpoint, name);
        if (from === undefined) throw missing(checkpoint, `${name} is missing`);
        await linkOrCopy(from, join(directory, name));
      }
      const own = resumedManifest(manifest, { runId, original: original.spec, spec });
      await writeFileAtomically(join(directory, CHECKPOINT_MANIFEST_FILE), manifestText(own));
      const { best: _, ...facts } = checkpoint;
      const { round, validation } = own;
      const best = validation.best && { best: { figure: validation.best.figure, value: validation.best.value } };
      const copy = { ...facts, round, directory, at: this.#clock(), ...best };
      const here = { ...spec, checkpoint: { ...spec.checkpoint, store: undefined } };
      const { damaged } = await this.#files.newestWhole({ id: runId, spec: here, checkpoints: [copy] });
      if (damaged[0] !== undefined) throw missing(checkpoint, damaged[0].reason);
      if (spec.checkpoint.store === undefined) return copy;
      const folder = this.#files.folderOf({ id: runId, spec });
      const stored = { ...copy, directory: await this.#stored.writeCheckpoint(folder, directory) };
      await rm(directory, { recursive: true });
      return stored;
    } catch (error) {
      await rm(join(this.#checkpointDirectory, runId), { recursive: true, force: true });
      throw error;
    }
  }
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  await link(from, to).catch(async (error: unknown) => {
    if (errorCode(error) === undefined) throw error;
    await copyFile(from, to);
  });
}

function missing({ step }: Checkpoint, reason: string): RefusedInputError {
  const message = `the checkpoint of step ${step} cannot be gone on from: ${reason}`;
  return new RefusedInputError(message, [{ path: 'checkpoint', message }]);
}
