import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import {
  CHECKPOINT_FILES,
  CHECKPOINT_MANIFEST_FILE,
  checkpointFiles,
  NewerVersionError,
  parseManifest,
  RefusedInputError,
  type Checkpoint,
} from '#contracts';
import { errorCode } from '#files';
import type { TrainingRecord } from './run-record.schema.js';

export interface WeightsFile {
  readonly path: string;
  readonly sizeBytes: number;
}

/** The weights of a checkpoint, or their average, if they are there. */
export async function weightsFile(
  checkpointDirectory: string,
  runId: string,
  checkpoint: Checkpoint,
  name: string = CHECKPOINT_FILES.weights,
): Promise<WeightsFile | undefined> {
  try {
    const path = await pathInRun(checkpointDirectory, runId, join(checkpoint.directory, name));
    return path === undefined ? undefined : { path, sizeBytes: (await stat(path)).size };
  } catch (error) {
    if (errorCode(error) !== undefined) return undefined;
    throw error;
  }
}

export interface DamagedCheckpoint {
  readonly step: number;
  /** What is wrong with it, in words. */
  readonly reason: string;
}

/**
 * The newest checkpoint that is whole, and the newer ones that are not. Reads every file of those it looks at. Throws
 * NewerVersionError at one that a newer Skiplane has written.
 */
export async function newestWholeCheckpoint(
  checkpointDirectory: string,
  record: Pick<TrainingRecord, 'id' | 'checkpoints'>,
): Promise<{ readonly checkpoint: Checkpoint | undefined; readonly damaged: readonly DamagedCheckpoint[] }> {
  const damaged: DamagedCheckpoint[] = [];
  for (const checkpoint of record.checkpoints.toReversed()) {
    const reason = await damageOf(checkpointDirectory, record.id, checkpoint);
    if (reason === null) return { checkpoint, damaged };
    damaged.push({ step: checkpoint.step, reason });
  }
  return { checkpoint: undefined, damaged };
}

/** What a worker would refuse the checkpoint for; null of a whole one. */
async function damageOf(checkpointDirectory: string, runId: string, checkpoint: Checkpoint): Promise<string | null> {
  let name: string = CHECKPOINT_MANIFEST_FILE;
  try {
    const path = await pathInRun(checkpointDirectory, runId, join(checkpoint.directory, name));
    if (path === undefined) return `${name} is not in the folder of the run`;
    const manifest = parseManifest(await readFile(path, 'utf8'));
    if (manifest.step !== checkpoint.step) return `${name} is that of step ${manifest.step}`;
    if (manifest.weightsSha256 !== checkpoint.weightsSha256) return `${name} is about other weights than were reported`;
    for (const file of checkpointFiles(manifest)) {
      ({ name } = file);
      const found = await pathInRun(checkpointDirectory, runId, join(checkpoint.directory, name));
      if (found === undefined) return `${name} is not in the folder of the run`;
      const sha256 = await sha256Of(found);
      if (sha256 !== file.sha256) return `${name} is corrupt: its SHA-256 is ${sha256}, expected ${file.sha256}`;
    }
    return null;
  } catch (error) {
    // Not damaged: whoever goes on from an older one would overwrite it.
    if (error instanceof NewerVersionError) throw error;
    if (error instanceof RefusedInputError) return error.message;
    const code = errorCode(error);
    if (code === undefined) throw error;
    return code === 'ENOENT' ? `${name} is missing` : `${name} cannot be read (${code})`;
  }
}

/**
 * Where a file of a checkpoint really lies; undefined when that is not inside the run's own checkpoint folder: where a
 * checkpoint lies is said by a report, and links may point elsewhere. Throws the file system's error.
 */
export async function pathInRun(checkpointDirectory: string, runId: string, file: string): Promise<string | undefined> {
  const base = await realpath(join(checkpointDirectory, runId));
  const path = await realpath(resolve(base, file));
  return path.startsWith(base + sep) ? path : undefined;
}

/** Of a file of any size. Throws the file system's error. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
