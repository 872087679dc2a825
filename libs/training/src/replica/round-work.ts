import type { StepTimings } from '#contracts';
import type { LaneNode, StateSnapshot } from '#parameter-server';

/** What lanes that were computed together give to a round. */
export interface RoundPart {
  /** Sums of nodes of the lane tree that are the lanes together. */
  readonly sums: readonly { readonly node: LaneNode; readonly vector: Float32Array }[];
  /** Milliseconds spent waiting for the samples: the longest wait of a lane. */
  readonly dataMs: number;
}

/** Where sums go that become known part by part. */
export interface PartialSums {
  /** The elements from `lo` on of a node's sum, which has `length` of them; lent for the call. */
  part(node: LaneNode, length: number, lo: number, values: Float32Array): void;
}

/** Where the wall-clock time of a round went, as this worker saw it. */
export interface RoundTimings {
  readonly durationMs: number;
  readonly timings: StepTimings;
}

/** Where a round that has no root stands. */
export interface RoundProgress {
  /** The lanes are computed and the update is applied, after a wait for samples of so many milliseconds. */
  readonly computed: (dataMs: number) => void;
  /** To be called after that. */
  readonly read: () => RoundTimings;
}

/** Computes all lanes of a round and takes in their sum in one go, with the bits of `compute` and `commit`. */
export type CommitAlone = (progress: RoundProgress) => Promise<CommittedRound>;

/** A round that was taken in. */
export interface CommittedRound {
  /** The leader should save the state after this round. */
  readonly isCheckpointDue: boolean;
  /** Settles once the round is part of what is reported; the next round does not wait for it. Rejects only by a bug. */
  readonly recorded: Promise<void>;
}

/**
 * What the rounds of a plan are for: one implementation trains, another counts an evaluation. A replica drives lanes,
 * pushes and commits; it knows neither. Calls that change or read the state are answered in their order.
 */
export interface RoundWork {
  readonly lanes: number;
  /** All rounds of the plan, as the state it has says: a run that has stopped early has fewer. */
  readonly numRounds: number;
  /** `step 12`, for messages. */
  describe(round: number): string;
  /** The step of a round whose duration says how fast the workers are; null where it says little of that. */
  timedStep(round: number): number | null;
  /**
   * Elements at the front of the round's vector that are rounded to bfloat16 in every node of the lane tree; 0 where the
   * vector travels as it is.
   */
  numRounded(round: number): number;
  /**
   * Computes lanes of a round together; zeros are the vector of one that has no samples. A fault may name its lane (`ofLane`).
   * Where there is somebody to tell of parts of the sums, the sums may be told that way, and are not among the result's.
   */
  compute(lanes: readonly number[], round: number, partial: PartialSums | null): Promise<RoundPart>;
  /** For a worker that has all lanes and nobody beside it; null where the round's sum must be a vector. */
  commitAlone(round: number): CommitAlone | null;
  /**
   * Takes in the root, the sum over all lanes; whatever is asked for afterwards sees the state after it. `readTimings` is to
   * be called when the update is applied.
   */
  commit(root: Float32Array, round: number, readTimings: () => RoundTimings): Promise<CommittedRound>;
  /** Takes the state that the plan says to begin with; resolves with the first round that is not in it. */
  begin(): Promise<number>;
  /** Takes another worker's state. Borrows the snapshot. */
  restore(snapshot: StateSnapshot): Promise<void>;
  /** The state before `round`, which is the one after all roots taken in so far. */
  snapshot(round: number): Promise<StateSnapshot>;
  /** Writes the state before `round` to disk. Settles when it is written or given up, and all rounds before are reported. */
  save(round: number): Promise<void>;
  /** Settles when nothing is being written. */
  settled(): Promise<void>;
  /** All rounds are done, and this worker leads: does what ends the plan, unless `signal` aborts before. */
  finish(round: number, signal: AbortSignal): Promise<void>;
  /** Told every now and then, and when it changes, whether this worker leads: the leader reports what is not reported yet. */
  follow(isLeader: boolean): void;
}
