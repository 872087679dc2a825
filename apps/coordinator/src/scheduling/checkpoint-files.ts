import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import type { Checkpoint } from '#contracts';
import { errorCode } from '../record/error-code.js';
import type { RunRecord } from '../record/run-record.schema.js';

const WEIGHTS_FILE = 'weights.safetensors';

export interface WeightsFile {
  readonly path: string;
  readonly sizeBytes: number;
}

/**
 * The weights of a checkpoint, or their average, if they are there. Only a file inside the run's own checkpoint folder counts: where a
 * checkpoint lies is said by a report, and links may point elsewhere.
 */
export async function weightsFile(
  checkpointDirectory: string,
  runId: string,
  checkpoint: Checkpoint,
  name: 'weights.safetensors' | 'average.safetensors' = WEIGHTS_FILE,
): Promise<WeightsFile | undefined> {
  try {
    const base = await realpath(join(checkpointDirectory, runId));
    const path = await realpath(join(resolve(base, checkpoint.directory), name));
    if (!path.startsWith(base + sep)) return undefined;
    const { size } = await stat(path);
    return { path, sizeBytes: size };
  } catch (error) {
    if (errorCode(error) !== undefined) return undefined;
    throw error;
  }
}

/** The newest checkpoint whose weights are whole, and the steps of newer ones that are not. Reads each file it checks. */
export async function newestWholeCheckpoint(
  checkpointDirectory: string,
  record: RunRecord,
): Promise<{ readonly checkpoint: Checkpoint | undefined; readonly damaged: readonly number[] }> {
  const damaged: number[] = [];
  for (const checkpoint of record.checkpoints.toReversed()) {
    const file = await weightsFile(checkpointDirectory, record.id, checkpoint);
    if (file !== undefined && (await sha256Of(file.path)) === checkpoint.weightsSha256) return { checkpoint, damaged };
    damaged.push(checkpoint.step);
  }
  return { checkpoint: undefined, damaged };
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
