import type { LaneShare } from '#contracts';

/** A live worker of the run, as the parameter server sees it. */
export interface ReplicaMember {
  readonly workerId: string;
  /** Its replica is complete and follows the commits. */
  readonly isReady: boolean;
  /** The round it was last seen at, null before it was ready; it may be further by now. */
  readonly round: number | null;
}

interface Sharing {
  readonly members: readonly ReplicaMember[];
  readonly lanes: number;
  /** The coordinator's word on who should drive how many lanes; empty: all the same number. */
  readonly shares: readonly LaneShare[];
}

/**
 * Lanes a worker should drive: what the coordinator says, where that is about exactly the workers that are ready; else
 * lanes / workers, the remainder to the first in the order given (all workers see the same order). 0 for a worker that
 * is not ready.
 */
export function laneShare({ members, lanes, shares }: Sharing, workerId: string): number {
  const ready = members.filter((member) => member.isReady);
  const rank = ready.findIndex((member) => member.workerId === workerId);
  if (rank < 0) return 0;
  const told = new Map(shares.map((share) => [share.workerId, share.lanes]));
  const isAboutThem = told.size === ready.length && ready.every((member) => told.has(member.workerId));
  if (isAboutThem) return told.get(workerId) ?? 0;
  return Math.floor(lanes / ready.length) + (rank < lanes % ready.length ? 1 : 0);
}

/** The leader writes checkpoints and reports: the first ready member. Two leaders for a moment do no harm. */
export function leaderOf(members: readonly ReplicaMember[]): string | null {
  return members.find((member) => member.isReady)?.workerId ?? null;
}
