/** What a replica needs from the world. Each port has its real adapter in an app or a lib, and an in-memory one in tests. */
import type {
  Checkpoint,
  CommitMemory,
  Evaluation,
  EvaluationPart,
  Pace,
  ScheduleState,
  StepMetrics,
  WorkerPace,
} from '#contracts';
import type { EvaluationCounts, ReplicaState, UpdateHyperparameters } from '#engine';
import type { Batch } from '#data-loading';
import type { CheckpointPosition } from '../checkpoint/checkpoint-files.js';
import type { HeldShard, LaneRange } from './replica-model.js';

/** All that a replica is between two rounds; `round` is the first one that is not in it. */
export interface ReplicaSnapshot {
  readonly round: number;
  readonly state: ReplicaState;
  /** What the learning rate's schedule remembers of the rounds before. */
  readonly schedule: ScheduleState;
  /** Of the worker that gives it, or that wrote it to disk. */
  readonly commits?: CommitMemory;
}

/** The engines of the worker; requests are answered in order. */
export interface EnginePort {
  gradients(
    batch: Batch,
    globalBatch: number,
  ): Promise<{ readonly vector: Float32Array<ArrayBuffer>; readonly elapsedMs: number }>;
  evaluate(batch: Batch): Promise<EvaluationCounts>;
  /** Takes the vector, and gives it back as it was when the update is applied. */
  apply(reduced: Float32Array<ArrayBuffer>, hyperparameters: UpdateHyperparameters): Promise<Float32Array<ArrayBuffer>>;
  readState(): Promise<ReplicaState>;
  writeState(state: ReplicaState): Promise<void>;
}

/** Lane leases. None of these rejects because the store is away: a lease is no fence. */
export interface LeasePort {
  /** A waiting shard, or null when there is none. */
  fetch(): Promise<HeldShard | null>;
  release(leaseId: string): Promise<void>;
  complete(leaseId: string): Promise<void>;
  /** Puts the leases of a dead worker back. */
  reclaim(workerId: string): Promise<void>;
}

/** The replica's place in the all-reduce. Roots and members arrive through the replica's own methods. */
export interface ExchangePort {
  /**
   * Takes the vector: it must not be written to afterwards. The first `numRounded` elements of it, and of every sum, are
   * rounded to bfloat16.
   */
  push(round: number, node: LaneRange, vector: Float32Array<ArrayBuffer>, numRounded: number): void;
  /** All pushes of the round are handed in. */
  handedIn(round: number, pace: Pace): void;
  /** This worker's replica is complete and follows the commits from `round` on. */
  ready(round: number): void;
  /** The replica has fallen behind: others count on it neither for lanes nor for state. */
  unready(): void;
  /** State of a live worker; rejects with RecoverableError when nobody can give one now. */
  requestState(): Promise<ReplicaSnapshot>;
  leave(): Promise<void>;
}

/** A lane's samples of a round, decoded and augmented. */
export interface BatchPort {
  /** Null when the lane has no samples in this round. */
  load(lane: number, round: number): Promise<Batch | null>;
  /** A hint: this lane will want this round soon. */
  prefetch(lane: number, round: number): void;
  /** The lane's slice of the validation set in batches. */
  evaluation(lane: number, round: number): AsyncIterable<Batch>;
}

export interface CheckpointPort {
  /** Writes atomically, prunes old ones; rejects when the disk is full or the folder is gone. Takes the buffers. */
  write(state: ReplicaState, position: CheckpointPosition): Promise<Checkpoint>;
}

/** What the coordinator is told. Reports may be sent twice. */
export interface ReportPort {
  steps(steps: readonly StepMetrics[]): void;
  evaluation(evaluation: Evaluation): void;
  /** A round of an evaluation by itself. */
  part(part: EvaluationPart): void;
  /** How fast everybody was in the last steps, up to this one. */
  pace(step: number, workers: readonly WorkerPace[]): void;
  checkpoint(checkpoint: Checkpoint): void;
  paused(round: number): void;
  finished(checkpoint: Checkpoint): void;
  failed(message: string): void;
  note(level: 'info' | 'warning' | 'error', topic: string, message: string): void;
}

/** All that a replica is bound to. */
export interface ReplicaPorts {
  readonly engines: EnginePort;
  readonly exchange: ExchangePort;
  readonly leases: LeasePort;
  readonly batches: BatchPort;
  readonly checkpoints: CheckpointPort;
  readonly reports: ReportPort;
}
