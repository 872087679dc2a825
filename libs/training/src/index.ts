export type { Batch, Engine, ReplicaState, UpdateHyperparameters } from './engine/engine.js';
export { ThreadHungError, type HangGuard } from './threads/request-thread.js';
export { EnginePool, type EnginePoolOptions } from './engine/engine-pool.js';
export { readCheckpoint, type CheckpointTarget } from './checkpoint/checkpoint-files.js';
export { firstState } from './checkpoint/first-state.js';
export { CheckpointWriter } from './checkpoint/checkpoint-writer.js';
export { commitMemoryFromVector, commitMemoryToVector } from './replica/commit-memory.js';
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
export { Evaluator, samplesAtOnce, type EvaluationMember } from './evaluation/evaluator.js';
export type { InferencePool } from './engine/inference-pool.js';
export { loadMembers, type MemberSource } from './evaluation/load-members.js';
export { Predictor } from './prediction/predictor.js';
export { openViews, type OpenedViews } from './evaluation/open-views.js';
export { readTally } from './evaluation/counts-vector.js';
export { evaluationWork } from './evaluation/plan-work.js';
export { statelessPorts } from './evaluation/stateless-ports.js';
