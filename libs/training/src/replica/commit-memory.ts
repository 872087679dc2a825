import { evaluationSchema, RefusedInputError, stepMetricsSchema, type Evaluation, type StepMetrics } from '#contracts';
import { z } from 'zod';
import { jsonFromVector, jsonToVector } from '../json-vector.js';

/** The last commits that a replica knows of, oldest first: what a leader has not reported yet is among them. */
export interface CommitMemory {
  readonly steps: readonly StepMetrics[];
  readonly evaluations: readonly Evaluation[];
}

const memorySchema = z.strictObject({ steps: z.array(stepMetricsSchema), evaluations: z.array(evaluationSchema) });

/** The memory as it travels between workers, some 400 bytes a step. */
export function commitMemoryToVector(memory: CommitMemory): Float32Array<ArrayBuffer> {
  return jsonToVector(memory);
}

/** Reads what `commitMemoryToVector` wrote. Throws RefusedInputError where it is something else. */
export function commitMemoryFromVector(vector: Float32Array): CommitMemory {
  try {
    return memorySchema.parse(jsonFromVector(vector));
  } catch (error) {
    throw new RefusedInputError('the commits that came with a state cannot be read', [], { cause: error });
  }
}
