import { commitMemorySchema, RefusedInputError, type CommitMemory } from '#contracts';
import { jsonFromVector, jsonToVector } from '../json-vector.js';

/** The memory as it travels between workers. */
export function commitMemoryToVector(memory: CommitMemory): Float32Array<ArrayBuffer> {
  return jsonToVector(memory);
}

/** Reads what `commitMemoryToVector` wrote. Throws RefusedInputError where it is something else. */
export function commitMemoryFromVector(vector: Float32Array): CommitMemory {
  try {
    return commitMemorySchema.parse(jsonFromVector(vector));
  } catch (error) {
    throw new RefusedInputError('the commits that came with a state cannot be read', [], { cause: error });
  }
}
