import type { ReplicaState } from './engine.js';

/** The memory of a state, to be moved to another thread. */
export function buffersOfState({ parameters, momentum, statistics, average }: ReplicaState): ArrayBuffer[] {
  const vectors = [parameters, momentum, statistics, ...(average ? [average.parameters, average.statistics] : [])];
  return vectors.map(({ buffer }) => buffer);
}
