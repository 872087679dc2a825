import { scheduleStateSchema, type ScheduleState } from '#contracts';
import { jsonFromVector, jsonToVector } from '../json-vector.js';

/** The state as it travels between workers. */
export function scheduleStateToVector(state: ScheduleState): Float32Array<ArrayBuffer> {
  return jsonToVector(state);
}

/** Reads what `scheduleStateToVector` wrote. Throws RefusedInputError where it is something else. */
export function scheduleStateFromVector(vector: Float32Array): ScheduleState {
  return jsonFromVector(vector, scheduleStateSchema, 'the state of the learning rate schedule');
}
