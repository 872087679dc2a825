import { RefusedInputError, replicaMemorySchema } from '#contracts';
import { byName, fromNames } from '#engine';
import type { StateSnapshot } from '#parameter-server';
import type { TrainingSnapshot } from './training-ports.js';

/** The state as the exchange carries it. Lends its vectors. */
export function toStateSnapshot({ round, state, schedule, validation, commits }: TrainingSnapshot): StateSnapshot {
  const memory = { schedule, validation, commits: commits ?? { steps: [], evaluations: [] } };
  return { round, vectors: byName(state), memory };
}

/** Reads what `toStateSnapshot` wrote. Throws RefusedInputError where it is something else. */
export function fromStateSnapshot({ round, vectors, memory }: StateSnapshot): TrainingSnapshot {
  const parsed = replicaMemorySchema.safeParse(memory);
  if (!parsed.success)
    throw new RefusedInputError('the memory that came with a state cannot be read', [], { cause: parsed.error });
  return { round, state: fromNames(vectors), ...parsed.data };
}
