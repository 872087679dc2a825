import { readFile } from 'node:fs/promises';
import { addressIn, CHECKPOINT_FILES, CHECKPOINT_MANIFEST_FILE, RefusedInputError } from '#contracts';
import type { ReplicaState } from '#engine';
import { slotFromSafetensors, weightsFromSafetensors, type Network, type VectorLayout } from '#resnet';
import type { AddressedFiles } from '#stores';
import { INITIAL_SCHEDULE_STATE } from '../schedule/schedule-state.js';
import type { CheckpointPosition } from './checkpoint-files.js';
import { cannotBeRead, manifestOf, verified } from './verified-bytes.js';

/** Finds a file by its address on this host's disk. */
export type FindFile = Pick<AddressedFiles, 'pathOf'>;

/**
 * Reads a checkpoint's folder, on disk or in a store, and verifies its hashes.
 * @throws RefusedInputError when it is incomplete, corrupt or of another network; as Store does where that cannot be reached.
 */
export async function readCheckpoint(
  folder: string,
  { network, layout, files }: { readonly network: Network; readonly layout: VectorLayout; readonly files: FindFile },
): Promise<CheckpointPosition & { readonly state: ReplicaState }> {
  const manifest = manifestOf(folder, await readBytes(files, addressIn(folder, CHECKPOINT_MANIFEST_FILE)));
  const read = (name: string, expected: string): Promise<Uint8Array> =>
    readVerified(files, addressIn(folder, name), expected);
  const weightsIn = async (name: string, expected: string) =>
    weightsFromSafetensors(network, layout, await read(name, expected));
  const { parameters, statistics } = await weightsIn(CHECKPOINT_FILES.weights, manifest.weightsSha256);
  const slots: [string, Float32Array<ArrayBuffer>][] = [];
  for (const [name, { file, sha256 }] of Object.entries(manifest.slots))
    slots.push([name, slotFromSafetensors(network, layout, await read(file, sha256))]);
  const { averageSha256, round, step, schedule = INITIAL_SCHEDULE_STATE, validation, commits } = manifest;
  const average = averageSha256 === undefined ? undefined : await weightsIn(CHECKPOINT_FILES.average, averageSha256);
  const state = {
    parameters,
    statistics,
    slots: Object.fromEntries(slots),
    ...(average && { average: { parameters: average.parameters, statistics: average.statistics } }),
  };
  return { state, round, step, schedule, validation, commits };
}

/** What the shard cache holds may have been damaged since: it is fetched once more. */
async function readVerified(files: FindFile, address: string, expected: string): Promise<Uint8Array> {
  try {
    return verified(address, await readBytes(files, address), expected);
  } catch (error) {
    if (!(error instanceof RefusedInputError)) throw error;
    return verified(address, await readBytes(files, address, true), expected);
  }
}

async function readBytes(files: FindFile, address: string, isSuspect = false): Promise<Uint8Array> {
  const path = await files.pathOf(address, { isSuspect });
  if (path === undefined) throw cannotBeRead(address, undefined);
  return await readFile(path).catch((error: unknown) => {
    throw cannotBeRead(address, error);
  });
}
