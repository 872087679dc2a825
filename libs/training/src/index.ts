export type { Batch, Engine, ReplicaState, UpdateHyperparameters } from './engine/engine.js';
export { EnginePool, type EnginePoolOptions } from './engine/engine-pool.js';
export { readCheckpoint, type CheckpointTarget } from './checkpoint/checkpoint-files.js';
export { CheckpointWriter } from './checkpoint/checkpoint-writer.js';
export { scheduleStateFromVector, scheduleStateToVector } from './schedule/schedule-state-codec.js';
export { INITIAL_SCHEDULE_STATE } from './schedule/schedule-state.js';
export { trainingRules } from './engine/training-rules.js';
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
export { openBatchLoader, type OpenBatchLoaderOptions } from './decode/open-batch-loader.js';
