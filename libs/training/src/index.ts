export type { Batch, Engine, ReplicaState, UpdateHyperparameters } from './engine/engine.js';
