import type { z } from 'zod';
import { RefusedInputError } from '#contracts';

/** A value as JSON in a vector, filled up with spaces: state travels between workers as vectors. */
export function jsonToVector(value: unknown): Float32Array<ArrayBuffer> {
  const bytes = Buffer.from(JSON.stringify(value), 'utf8');
  const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4).fill(0x20);
  padded.set(bytes);
  return new Float32Array(padded.buffer);
}

/** Reads what `jsonToVector` wrote. Throws RefusedInputError, which says that `what` cannot be read, where it does not fit. */
export function jsonFromVector<Value>(vector: Float32Array, schema: z.ZodType<Value>, what: string): Value {
  const text = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('utf8');
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new RefusedInputError(`${what} cannot be read`, [], { cause: error });
  }
}
