import type { ParticipantTimes, RoundTimes } from '#contracts';
import { RoundTimesTable } from '../reduce/round-times-table.js';
import { roundToBfloat16 } from '#vectors';
import type { RetainedPush } from './retained-pushes.js';

export interface SoleMemberRoundsOptions {
  readonly workerId: string;
  /** Of the run. */
  readonly lanes: number;
  /** Memory for a root. */
  takeVector(length: number): Float32Array;
  /** The root of a round, in a later turn of the event loop; given away. */
  committed(round: number, root: Float32Array): void;
  /** How fast the participant was in a round, once a later one has begun. */
  participantTimes(round: number, participants: readonly ParticipantTimes[]): void;
}

/** The rounds that a sole member commits by itself, with the bits that the servers would have given them. */
export class SoleMemberRounds {
  readonly #options: SoleMemberRoundsOptions;
  readonly #participants = new RoundTimesTable();

  constructor(options: SoleMemberRoundsOptions) {
    this.#options = options;
  }

  /** Commits the push's round where the push is its root. The push stays as it is, for those who may join. */
  commit({ round, node, vector, numRounded }: RetainedPush): boolean {
    if (node.lo !== 0 || node.hi !== this.#options.lanes) return false;
    this.#participants.rootSent(round, performance.now());
    const root = this.#options.takeVector(vector.length);
    root.set(vector);
    // A sum is rounded already; a single lane's gradient would be so on the wire.
    if (node.hi - node.lo === 1) roundToBfloat16(root.subarray(0, numRounded));
    setImmediate(() => this.#options.committed(round, root));
    return true;
  }

  /** The participant has committed the round without a root. */
  committedAlone(round: number): void {
    this.#participants.rootSent(round, performance.now());
  }

  /** The servers need not know of it: there is nobody to compare with. */
  handedIn(round: number, times: RoundTimes): void {
    const { workerId } = this.#options;
    const over = this.#participants.handedIn({ workerId, round, times }, performance.now());
    if (over !== null) this.#options.participantTimes(over.round, over.participants);
  }
}
