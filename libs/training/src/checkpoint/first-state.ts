import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { RefusedInputError, type TrainingPlan } from '#contracts';
import { importWeights, initialState, type Network, type VectorLayout } from '#resnet';
import { firstStateOf, stepConfigOf, type ReplicaState } from '#engine';

/**
 * What a run trains from at step 0: random numbers of its seed, or the weights that it was given, with a head of the seed
 * where it gets a new one. The same on every worker. Throws RefusedInputError where the file is another one than was
 * submitted, or holds what no weights are.
 */
export function firstState(
  { spec, initialWeights }: Pick<TrainingPlan, 'spec' | 'initialWeights'>,
  network: Network,
  layout: VectorLayout,
): ReplicaState {
  const random = initialState(layout, spec.seed);
  const config = stepConfigOf(spec);
  if (initialWeights === undefined) return firstStateOf(random, layout, config);
  const { path, sha256, newHead } = initialWeights;
  const bytes = readWeights(path);
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256) {
    throw new RefusedInputError(`the initial weights ${path} have SHA-256 ${found}, ${sha256} were submitted`);
  }
  const imported = importWeights(network, layout, bytes, newHead ? { newHead: random } : {});
  return firstStateOf(imported, layout, config);
}

function readWeights(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new RefusedInputError(`the initial weights ${path} cannot be read`, [], { cause: error });
  }
}
