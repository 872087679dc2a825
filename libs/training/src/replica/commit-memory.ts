import { commitMemorySchema, type CommitMemory } from '#contracts';
import { jsonFromVector, jsonToVector } from '../json-vector.js';

/** The memory as it travels between workers. */
export function commitMemoryToVector(memory: CommitMemory): Float32Array<ArrayBuffer> {
  return jsonToVector(memory);
}

/** Reads what `commitMemoryToVector` wrote. Throws RefusedInputError where it is something else. */
export function commitMemoryFromVector(vector: Float32Array): CommitMemory {
  return jsonFromVector(vector, commitMemorySchema, 'the commits that came with a state');
}
