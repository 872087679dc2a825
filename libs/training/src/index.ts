export { readCheckpoint, type CheckpointTarget } from './checkpoint/checkpoint-files.js';
export { firstState } from './checkpoint/first-state.js';
export { CheckpointWriter } from './checkpoint/checkpoint-writer.js';
export { commitMemoryFromVector, commitMemoryToVector } from './replica/commit-memory.js';
export { scheduleStateFromVector, scheduleStateToVector } from './schedule/schedule-state-codec.js';
export { INITIAL_SCHEDULE_STATE } from './schedule/schedule-state.js';
export { Replica, type ReplicaSetup } from './replica/replica.js';
export type { DrainKind } from './replica/replica-model.js';
export type {
  BatchPort,
  CheckpointPort,
  EnginePort,
  ExchangePort,
  LeasePort,
  ReplicaPorts,
  ReplicaSnapshot,
  ReportPort,
} from './replica/replica-ports.js';
export { type EvaluationWork } from './replica/evaluation-work.js';
