import { commitMemorySchema, scheduleStateSchema } from '#contracts';
import type { StateSnapshot } from '#parameter-server';
import { jsonFromVector, jsonToVector } from '../json-vector.js';
import type { TrainingSnapshot } from './training-ports.js';

/** The state as the exchange carries it. Lends its vectors. */
export function snapshotToVectors({ round, state, schedule, commits }: TrainingSnapshot): StateSnapshot {
  const { parameters, momentum, statistics, average } = state;
  const averages = average ? [average.parameters, average.statistics] : [];
  const words = [jsonToVector(schedule), jsonToVector(commits ?? { steps: [], evaluations: [] })];
  return { round, buffers: [parameters, momentum, statistics, ...words, ...averages] };
}

/** Reads what `snapshotToVectors` wrote. Throws RefusedInputError where it is something else. */
export function snapshotFromVectors({ round, buffers }: StateSnapshot): TrainingSnapshot {
  const [parameters, momentum, statistics, schedule, commits, averageParameters, averageStatistics] = buffers;
  if (!parameters || !momentum || !statistics || !schedule || !commits) {
    throw new Error(`a state has 5 or 7 vectors, ${buffers.length} came`);
  }
  const average =
    averageParameters && averageStatistics ? { parameters: averageParameters, statistics: averageStatistics } : null;
  return {
    round,
    state: { parameters, momentum, statistics, ...(average && { average }) },
    schedule: jsonFromVector(schedule, scheduleStateSchema, 'the state of the learning rate schedule'),
    commits: jsonFromVector(commits, commitMemorySchema, 'the commits that came with a state'),
  };
}
