import { RefusedInputError, scheduleStateSchema, type ScheduleState } from '#contracts';

/** The state as JSON in a vector of its own, filled up with spaces: state travels between workers as vectors. */
export function scheduleStateToVector(state: ScheduleState): Float32Array<ArrayBuffer> {
  const bytes = Buffer.from(JSON.stringify(state), 'utf8');
  const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4).fill(0x20);
  padded.set(bytes);
  return new Float32Array(padded.buffer);
}

/** Reads what `scheduleStateToVector` wrote. Throws RefusedInputError where it is something else. */
export function scheduleStateFromVector(vector: Float32Array): ScheduleState {
  const text = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('utf8');
  try {
    return scheduleStateSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new RefusedInputError('the state of the learning rate schedule cannot be read', [], { cause: error });
  }
}
