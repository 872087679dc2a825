/** What training needs of its worker. Each port has its real adapter in an app or a lib, and an in-memory one in tests. */
import type { Checkpoint, CommitMemory, ScheduleState, ValidationState } from '#contracts';
import type { Batch } from '#data-loading';
import type {
  AppliedUpdate,
  EvaluationCounts,
  BatchTree,
  LaneSumOptions,
  ReplicaState,
  TellPart,
  TrainedStep,
  UpdateHyperparameters,
} from '#engine';
import type { CheckpointPosition } from '../checkpoint/checkpoint-files.js';

/** What is remembered of the rounds before; a pure function of them. */
export interface RoundMemory {
  /** What the learning rate's schedule remembers. */
  readonly schedule: ScheduleState;
  /** What the evaluations have shown. */
  readonly validation: ValidationState;
}

/** All that training is between two rounds; `round` is the first one that is not in it. */
export interface TrainingSnapshot extends RoundMemory {
  readonly round: number;
  readonly state: ReplicaState;
  /** Of the worker that gives it, or that wrote it to disk. */
  readonly commits?: CommitMemory;
}

/** The engine of the worker; requests are answered in order. */
export interface EnginePort {
  /** It can `train`. */
  readonly trains: boolean;
  /** The sum of the gradient vectors of each tree's lanes. Takes the batches. */
  gradients(trees: readonly BatchTree[], options: LaneSumOptions): Promise<readonly Float32Array[]>;
  /** The same sums, told part by part as they become known, from the element `lo` of a tree's on; lent. Takes the batches. */
  gradientStages(trees: readonly BatchTree[], options: LaneSumOptions, told: TellPart): Promise<void>;
  /** Of all lanes: gradients, their sum and the update in one go, with the same bits. Takes the batches. */
  train(lanes: BatchTree, options: LaneSumOptions, hyperparameters: UpdateHyperparameters): Promise<TrainedStep>;
  /** Counts of each batch; the batches are computed at once. Takes them. */
  evaluate(batches: readonly Batch[]): Promise<readonly EvaluationCounts[]>;
  /** Takes the vector, and gives it back as it was when the update is applied. */
  apply(reduced: Float32Array, hyperparameters: UpdateHyperparameters): Promise<AppliedUpdate>;
  readState(): Promise<ReplicaState>;
  writeState(state: ReplicaState): Promise<void>;
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
  /** Brings what was written to the run's store. Absent: it is where it belongs. */
  readonly uploads?: UploadPort;
}

export interface UploadPort {
  /**
   * Takes over a checkpoint on this host's disk. Resolves with it as it lies in the store, however long that takes; with null
   * where newer ones took its place before, or all is closed. Never rejects.
   */
  add(checkpoint: Checkpoint): Promise<Checkpoint | null>;
}
