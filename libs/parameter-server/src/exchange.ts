import type { ParticipantTimes, RoundTimes } from '#contracts';
import type { Participant } from './wire/frame.schema.js';
import type { LaneNode } from './reduce/lane-tree.js';

/** A replica's state between two rounds: `round` is the first one not yet applied to it. */
export interface StateSnapshot {
  readonly round: number;
  /** By name, at most 1,000. */
  readonly vectors: Readonly<Record<string, Float32Array<ArrayBuffer>>>;
  /** What else belongs to the state: JSON, of some hundred KiB at most. Whoever takes it checks it. */
  readonly memory: unknown;
}

/** What happened to the connection to one server. */
export interface ConnectionEvent {
  /** `refused` is final for that server: trying again would not help. */
  readonly kind: 'connected' | 'disconnected' | 'refused';
  /** `host:port`. */
  readonly server: string;
  readonly reason: string | null;
}

/** What a participant is told. Callbacks must not throw and should not take long: they run on the connection's turn. */
export interface ExchangeListener {
  /** The sum over all lanes of a round; the vector belongs to the receiver. */
  root(round: number, vector: Float32Array): void;
  /** The participants of the run, in order of joining, after every change. */
  participants(participants: readonly Participant[]): void;
  /** To the first ready participant: how fast everybody was in a round, once a later one has begun. */
  participantTimes?(round: number, participants: readonly ParticipantTimes[]): void;
  /**
   * A newcomer needs this replica's state. The vectors are lent until the transfer is over (`signal` aborts early);
   * null where there is none to give.
   */
  provideState(signal: AbortSignal): Promise<StateSnapshot | null>;
  connection?(event: ConnectionEvent): void;
}

/** A push of which the vector becomes known part by part. */
export interface OpenPush {
  /** The elements from `lo` on are these; borrowed for the call. The parts may come in any order. */
  fill(lo: number, values: Float32Array): void;
}

/** How a vector travels that becomes known part by part. */
export interface VectorForm {
  readonly length: number;
  /** As of `push`. */
  readonly numRounded: number;
}

export interface WaitOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

export interface StateRequest extends WaitOptions {
  /** A state of this round, or of one before it, is of no use. Default -1: any is. */
  readonly newerThan?: number;
}

/**
 * One worker's place in the all-reduce of a run.
 *
 * - Every participant that follows gets the root of each round once all lanes are pushed, the same bits everywhere, once
 *   per round; roots of different rounds may come out of order only to a participant that is behind.
 * - Pushing is idempotent: a node may be pushed again, by anyone, inside or around others; the bytes of
 *   (round, node) are always the same.
 * - A participant that was sent state follows from that state's round on before `requestState` resolves, so it misses no root.
 * - Participants see each other's arrival, readiness and departure.
 */
export interface GradientExchange {
  /** Joins the run. Rejects with RefusedInputError, or with RecoverableError after `timeoutMs` (default 30 s). */
  connect(options?: WaitOptions): Promise<void>;
  /**
   * Hands in the sum of a node's lanes. Takes the vector: the caller must neither write nor read it afterwards. Its first
   * `numRounded` elements (default 0) are rounded to bfloat16 and travel as such, and so is every sum of them; all pushes
   * of a round must say the same number.
   */
  push(round: number, node: LaneNode, vector: Float32Array, numRounded?: number): void;
  /** The same for a vector that becomes known part by part: what is filled in may be on its way while the rest is computed. */
  begin(round: number, node: LaneNode, form: VectorForm): OpenPush;
  /** True where pushes leave this host, or would, were there somebody to push to: filling them in part by part saves time. */
  readonly crossesHosts: boolean;
  /**
   * Asked before a round is computed. True where this participant is the only one and may commit the round by itself: no
   * vector of it need exist, and nobody is let in until `committedAlone` is called for the round, or a push of it is made
   * after all. Should a server be lost meanwhile others may come in: from state they begin behind the round, as long as
   * `provideState` waits for a round that is being committed.
   */
  claimRound(round: number): boolean;
  /** The claimed round is applied to this replica. There is no root: who lacks the round asks for state. */
  committedAlone(round: number): void;
  /** All of this participant's pushes of the round are handed in; saying it again, after one more push, replaces the word. */
  handedIn(round: number, times: RoundTimes): void;
  /**
   * This replica is complete at `round`: it can give its state to others and wants the roots of `round` and later.
   * Saying a round a second time asks once more for those roots that were given away and are not among `kept`; what is on
   * its way is not asked for again.
   */
  ready(round: number, kept?: readonly number[]): void;
  /** This replica has fallen behind: it counts as a newcomer, and as no donor, until it says ready again. */
  unready(): void;
  /**
   * The state of another participant, which belongs to the caller; null, and nothing of it travels, where it is not newer
   * than asked for. Rejects with RecoverableError where nobody can give it now or the donor dies midway. `timeoutMs` bounds
   * the silence between two parts (default 60 s).
   */
  requestState(options?: StateRequest): Promise<StateSnapshot | null>;
  /** Bytes of roots and states that have come so far: while they grow the line is alive, however slow. */
  readonly receivedBytes: number;
  /** Leaves the run in good order. Safe to call twice. */
  leave(): Promise<void>;
}
