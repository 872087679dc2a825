export { EnginePool, type TellPart } from './pool/engine-pool.js';
export { type AppliedUpdate, type LaneSumOptions } from './pool/engine-messages.js';
export {
  type BatchTree,
  type EvaluationCounts,
  type SumOptions,
  type TrainedStep,
  type UpdateHyperparameters,
} from './engine.js';
export { scalarsOf } from './batch-tree.js';
export { InferencePool } from './pool/inference-pool.js';
export { encodeReplicaGraph } from './graph/step/replica-graph.js';
export { type TrainedNetwork, emitTrainedNetwork } from './graph/step/trained-network.js';
export { normalizePixels } from './graph/step/network-passes.js';
export { buffersOfState, byName, copyOfState, firstStateOf, fromNames, type ReplicaState } from './state.js';
export { rankOfLabel } from './rank-of-label.js';
export { type PixelBatch, type Explained, type InferenceEngine, type Weights } from './inference-engine.js';
export { type InferenceThreadData } from './pool/inference-messages.js';
export { makeInferenceEngine } from './make-inference-engine.js';
export { sideOf } from './batch-side.js';
export { DEFAULT_STEP_CONFIG, stepConfigOf, type StepConfig } from './step-config.js';
export { encodeInferenceGraph } from './graph/step/inference-graph.js';
