import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { RefusedInputError, type TrainingPlan } from '#contracts';
import { importWeights, initialState, type Network, type VectorLayout } from '#resnet';
import { firstStateOf, stepConfigOf, type ReplicaState } from '#engine';
import type { FindFile } from './read-checkpoint.js';

/**
 * What a run trains from at step 0: random numbers of its seed, or the weights that it was given, with a head of the seed
 * where it gets a new one. The same on every worker. Throws RefusedInputError where the file is another one than was
 * submitted, or holds what no weights are.
 */
export async function firstState(
  { spec, initialWeights }: Pick<TrainingPlan, 'spec' | 'initialWeights'>,
  { network, layout, files }: { readonly network: Network; readonly layout: VectorLayout; readonly files: FindFile },
): Promise<ReplicaState> {
  const random = initialState(layout, spec.seed);
  const config = stepConfigOf(spec);
  if (initialWeights === undefined) return firstStateOf(random, layout, config);
  const { path, sha256, newHead } = initialWeights;
  const bytes = await readWeights(path, files);
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256) {
    throw new RefusedInputError(`the initial weights ${path} have SHA-256 ${found}, ${sha256} were submitted`);
  }
  const imported = importWeights(network, layout, bytes, newHead ? { newHead: random } : {});
  return firstStateOf(imported, layout, config);
}

async function readWeights(address: string, files: FindFile): Promise<Uint8Array> {
  const refused = (cause?: unknown): RefusedInputError =>
    new RefusedInputError(`the initial weights ${address} cannot be read`, [], { cause });
  const path = await files.pathOf(address);
  if (path === undefined) throw refused();
  return await readFile(path).catch((error: unknown) => {
    throw refused(error);
  });
}
