import type { LaneShare } from '#contracts';
import type { LaneNode } from '#parameter-server';
import { initialBehindState, type BehindState } from './behind-detector.js';
import type { ReplicaParticipant } from './fair-share.js';

/** Roots kept for a replica that is getting its state; the oldest go first. */
export const MAX_KEPT_ROOTS = 16;

/** A lane's rounds [firstRound, endRound) that this worker holds the lease of. */
export interface HeldShard {
  readonly leaseId: string;
  readonly lane: number;
  readonly firstRound: number;
  readonly endRound: number;
}

/**
 * - `syncing`: no state yet, or it fell behind and waits for a live worker's state
 * - `training`: follows the commits and drives its lanes
 * - `draining`: takes nothing new; leaves when the round in flight is done
 * - `left`: nothing more will happen
 */
export type ReplicaPhase = 'syncing' | 'training' | 'draining' | 'left';

/** How the worker leaves: with a checkpoint where it is the leader, or at once. */
export type DrainKind = 'pause' | 'shutdown';

/** Everything the control of a replica knows. Vectors stay outside, keyed by round and lane. */
export interface ReplicaModel {
  readonly workerId: string;
  readonly lanes: number;
  readonly numRounds: number;
  readonly phase: ReplicaPhase;
  /** It has been complete at `round`, also where it now looks for newer state. */
  readonly hasState: boolean;
  /** Rounds done by the replica; the index of the round in flight. */
  readonly round: number;
  readonly held: readonly HeldShard[];
  /** Lanes of the round in flight that the engine was asked for. */
  readonly requested: readonly number[];
  /** Lanes of the round in flight whose vector is here. */
  readonly computed: readonly number[];
  /** Nodes of the round in flight whose sum is pushed part by part: they are pushed when their lanes are computed. */
  readonly begun: readonly LaneNode[];
  /** Lanes of the round in flight that were pushed, alone or inside a subtree. */
  readonly pushed: readonly number[];
  /** Rounds whose root arrived and is not yet applied, ascending. */
  readonly roots: readonly number[];
  readonly isApplying: boolean;
  /** A fetch for leases is under way. */
  readonly isFetching: boolean;
  /** It held no lane of the round and takes them one by one: those that come within a moment are computed together. */
  readonly isGathering: boolean;
  readonly participants: readonly ReplicaParticipant[];
  readonly shares: readonly LaneShare[];
  readonly drain: DrainKind | null;
  /** Counters that tell whether it has fallen behind. */
  readonly behind: BehindState;
  /** The end of the run was dealt with by this worker as leader. */
  readonly isFinishWritten: boolean;
}

export type ReplicaEvent =
  /** `numRounds` as the state says. */
  | { readonly kind: 'state-loaded'; readonly round: number; readonly numRounds: number }
  /** Nobody gave state. */
  | { readonly kind: 'state-unavailable' }
  /** What a live worker gave is no newer than its own. */
  | { readonly kind: 'state-not-newer' }
  | { readonly kind: 'lease-granted'; readonly shard: HeldShard }
  /** Its lock ran out or another worker has it now: driving on would be harmless but pointless. */
  | { readonly kind: 'lease-lost'; readonly leaseId: string }
  /** No shard waits for a worker. */
  | { readonly kind: 'none-waiting' }
  /** A fetch ended, with or without a lease: another one may begin. */
  | { readonly kind: 'fetch-ended' }
  /** The first part of the node's sum is here, and pushed. */
  | { readonly kind: 'push-begun'; readonly round: number; readonly node: LaneNode }
  | { readonly kind: 'lanes-computed'; readonly round: number; readonly lanes: readonly number[] }
  /** All lanes of the round are computed and their sum is applied in one go: the round has no root. */
  | { readonly kind: 'committing-alone'; readonly round: number }
  | { readonly kind: 'root-arrived'; readonly round: number }
  | {
      readonly kind: 'applied';
      readonly round: number;
      readonly isCheckpointDue: boolean;
      readonly numRounds: number;
    }
  | { readonly kind: 'participants-changed'; readonly participants: readonly ReplicaParticipant[] }
  /** The coordinator has shared the lanes out anew. */
  | { readonly kind: 'shares-changed'; readonly shares: readonly LaneShare[] }
  | { readonly kind: 'drain'; readonly drain: DrainKind }
  /** The round in flight will not commit in time, e.g. because everyone is leaving. */
  | { readonly kind: 'drain-timeout' }
  /** Time passes: retry what was in vain. `isReceiving`: something of a root has come since the last tick. */
  | { readonly kind: 'tick'; readonly isReceiving: boolean };

export type ReplicaEffect =
  | { readonly kind: 'request-state' }
  /** It drives no lanes and gives no state until it is ready again. */
  | { readonly kind: 'announce-unready' }
  | { readonly kind: 'announce-ready'; readonly round: number }
  /** It stands still: says again where it is, and is told where the others are and once more what it has let go of. */
  | { readonly kind: 'announce-round'; readonly round: number }
  /** Fetch one lease; `rank` staggers the workers so that each tends to get neighbouring lanes. */
  | { readonly kind: 'fetch-lease'; readonly rank: number }
  | { readonly kind: 'release-lease'; readonly shard: HeldShard }
  | { readonly kind: 'complete-lease'; readonly shard: HeldShard }
  /** A participant is gone: hand its leases back to the queue. */
  | { readonly kind: 'reclaim-leases'; readonly workerId: string }
  /** Lanes that are computed together; others of the round may follow. */
  | { readonly kind: 'compute-lanes'; readonly round: number; readonly lanes: readonly number[] }
  | { readonly kind: 'push-node'; readonly round: number; readonly node: LaneNode }
  /** Everything this worker has of the round is pushed. */
  | { readonly kind: 'hand-in'; readonly round: number; readonly lanes: number }
  | { readonly kind: 'apply-root'; readonly round: number }
  | { readonly kind: 'checkpoint'; readonly round: number }
  | { readonly kind: 'finish'; readonly round: number }
  | { readonly kind: 'leave'; readonly drain: DrainKind; readonly isLeader: boolean };

export interface ReplicaOptions {
  readonly workerId: string;
  readonly lanes: number;
  readonly numRounds: number;
  /** Ticks that count as long. Default 12: three seconds, where ticks come four times a second. */
  readonly patienceTicks?: number;
}

const DEFAULT_PATIENCE_TICKS = 12;

export function initialReplica({ patienceTicks = DEFAULT_PATIENCE_TICKS, ...options }: ReplicaOptions): ReplicaModel {
  return {
    ...options,
    phase: 'syncing',
    hasState: false,
    round: 0,
    held: [],
    requested: [],
    computed: [],
    begun: [],
    pushed: [],
    roots: [],
    isApplying: false,
    isFetching: false,
    isGathering: false,
    participants: [],
    shares: [],
    drain: null,
    behind: initialBehindState(patienceTicks),
    isFinishWritten: false,
  };
}
