/**
 * A checkpoint is a folder `step-00000100` with everything needed to go on:
 * `weights.safetensors` (torchvision names and layout), `slot-momentum.safetensors` and the like (what the optimiser
 * remembers, as weights), `average.safetensors` (as weights, where the run averages them), `checkpoint.json`.
 */
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  CHECKPOINT_FILES,
  CHECKPOINT_MANIFEST_FILE,
  checkpointFiles,
  checkpointFolder,
  manifestText,
  NewerVersionError,
  RefusedInputError,
  slotFile,
  type Checkpoint,
  type CheckpointManifest,
  type CommitMemory,
  type RunSpec,
  type ScheduleState,
  type ValidationState,
} from '#contracts';
import { slotToSafetensors, weightsToSafetensors, type Network, type VectorLayout } from '#resnet';
import type { ReplicaState } from '#engine';
import { makeFolderSync, syncFolderSync, writeDurablySync } from '#files';
import { prune } from './prune-checkpoints.js';
import { cannotBeRead, manifestOf, sha256, verified } from './verified-bytes.js';

const { weights: WEIGHTS_FILE, average: AVERAGE_FILE } = CHECKPOINT_FILES;

export interface CheckpointTarget {
  /** Folder of the run; made when missing. */
  readonly directory: string;
  readonly runId: string;
  /** Distinguishes two writers of the same step. */
  readonly writerId: string;
  /** Which checkpoints stay. */
  readonly keep: RunSpec['checkpoint']['keep'];
  readonly network: Network;
  readonly layout: VectorLayout;
}

export interface CheckpointPosition {
  readonly round: number;
  readonly step: number;
  readonly schedule: ScheduleState;
  readonly validation: ValidationState;
  readonly commits?: CommitMemory | undefined;
}

/**
 * Writes a checkpoint: all files into a folder of their own, flushed to the disk, then renamed into place, so that a
 * reader sees a whole checkpoint or none. Writing the same step twice leaves the first.
 * @throws the file system's error (ENOSPC, EACCES, ...), NewerVersionError where a newer Skiplane has written that step;
 * what was half written is removed.
 */
export function writeCheckpoint(
  target: CheckpointTarget,
  state: ReplicaState,
  position: CheckpointPosition,
): Checkpoint {
  const { network, layout } = target;
  const weights = weightsToSafetensors(network, layout, state, position.step);
  const slots = Object.entries(state.slots).map(([name, vector]) => {
    const bytes = slotToSafetensors(network, layout, vector);
    return { name, bytes, file: slotFile(name), sha256: sha256(bytes) };
  });
  const average = state.average && weightsToSafetensors(network, layout, state.average, position.step);
  const averageSha256 = average && sha256(average);
  const manifest = {
    version: 3 as const,
    runId: target.runId,
    architecture: network.architecture,
    ...position,
    weightsSha256: sha256(weights),
    slots: Object.fromEntries(slots.map(({ name, file, sha256: of }) => [name, { file, sha256: of }])),
    ...(averageSha256 !== undefined && { averageSha256 }),
  } satisfies CheckpointManifest;
  const name = checkpointFolder(position.step);
  const folder = join(target.directory, name);
  const partial = join(target.directory, `.${name}.${target.writerId}`);
  try {
    makeFolderSync(partial);
    writeDurablySync(join(partial, WEIGHTS_FILE), weights);
    for (const { file, bytes } of slots) writeDurablySync(join(partial, file), bytes);
    if (average) writeDurablySync(join(partial, AVERAGE_FILE), average);
    writeManifest(join(partial, CHECKPOINT_MANIFEST_FILE), manifest);
    syncFolderSync(partial);
    moveIntoPlace(partial, folder, manifest);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  prune(target.directory, target.keep, wasBest);
  const { round, step, validation } = position;
  return {
    round,
    step,
    directory: folder,
    weightsSha256: manifest.weightsSha256,
    ...(averageSha256 !== undefined && { averageSha256 }),
    sizeBytes: [weights, average, ...slots.map(({ bytes }) => bytes)].reduce(
      (sum, bytes) => sum + (bytes?.byteLength ?? 0),
      0,
    ),
    at: Date.now(),
    ...bestOf(step, validation),
  };
}

function bestOf(step: number, { best }: ValidationState): Pick<Checkpoint, 'best'> {
  return best?.step === step ? { best: { figure: best.figure, value: best.value } } : {};
}

/**
 * An earlier checkpoint of the same step stays if it holds the same weights; a broken one goes. The one after an epoch's
 * last step differs from the one after its evaluation in the manifest only, and the later manifest is good for both: a
 * schedule takes no round in twice.
 */
function moveIntoPlace(partial: string, folder: string, manifest: CheckpointManifest): void {
  if (existsSync(folder)) {
    const existing = tryReadWhole(folder);
    const isSame = existing?.weightsSha256 === manifest.weightsSha256;
    if (isSame && existing.round >= manifest.round) return;
    // An older Skiplane's files have other names.
    if (isSame && isDeepStrictEqual(checkpointFiles(existing), checkpointFiles(manifest))) {
      renameSync(join(partial, CHECKPOINT_MANIFEST_FILE), join(folder, CHECKPOINT_MANIFEST_FILE));
      syncFolderSync(folder);
      return;
    }
    rmSync(folder, { recursive: true, force: true });
  }
  renameSync(partial, folder);
  syncFolderSync(dirname(folder));
}

function writeManifest(path: string, manifest: CheckpointManifest): void {
  writeDurablySync(path, Buffer.from(manifestText(manifest)));
}

/** The manifest of a folder whose files are all what it says; null where one is damaged or away. */
function tryReadWhole(folder: string): CheckpointManifest | null {
  try {
    const manifest = readManifest(folder);
    for (const { name, sha256: expected } of checkpointFiles(manifest)) readVerified(join(folder, name), expected);
    return manifest;
  } catch (error) {
    // Not damaged: it must not be replaced.
    if (error instanceof RefusedInputError && !(error instanceof NewerVersionError)) return null;
    throw error;
  }
}

/** Whether the weights in a checkpoint's folder had the best evaluation so far when it was written; not of an unreadable one. */
function wasBest(folder: string): boolean {
  try {
    const { step, validation } = readManifest(folder);
    return validation.best?.step === step;
  } catch (error) {
    if (error instanceof RefusedInputError) return false;
    throw error;
  }
}

function readManifest(folder: string): CheckpointManifest {
  return manifestOf(folder, readBytes(join(folder, CHECKPOINT_MANIFEST_FILE)));
}

function readVerified(path: string, expected: string): void {
  verified(path, readBytes(path), expected);
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw cannotBeRead(path, error);
  }
}
