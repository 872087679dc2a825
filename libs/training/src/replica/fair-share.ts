import type { LaneShare } from '#contracts';

/** A live worker of the run, as the parameter server sees it. */
export interface ReplicaParticipant {
  readonly workerId: string;
  /** Its replica is complete and follows the commits. */
  readonly isReady: boolean;
  /** The round it was last seen at, null before it was ready; it may be further by now. */
  readonly round: number | null;
}

interface Sharing {
  readonly participants: readonly ReplicaParticipant[];
  readonly lanes: number;
  /** The coordinator's word on who should drive how many lanes; empty: all the same number. */
  readonly shares: readonly LaneShare[];
}

/**
 * Lanes a worker should drive: what the coordinator says, where that is about exactly the workers that are ready; else
 * lanes / workers, the remainder to the first in the order given (all workers see the same order). 0 for a worker that
 * is not ready.
 */
export function laneShare({ participants, lanes, shares }: Sharing, workerId: string): number {
  const ready = participants.filter((participant) => participant.isReady);
  const rank = ready.findIndex((participant) => participant.workerId === workerId);
  if (rank < 0) return 0;
  const told = new Map(shares.map((share) => [share.workerId, share.lanes]));
  const isAboutThem = told.size === ready.length && ready.every((participant) => told.has(participant.workerId));
  if (isAboutThem) return told.get(workerId) ?? 0;
  return Math.floor(lanes / ready.length) + (rank < lanes % ready.length ? 1 : 0);
}

/** The leader writes checkpoints and reports: the first ready participant. Two leaders for a moment do no harm. */
export function leaderOf(participants: readonly ReplicaParticipant[]): string | null {
  return participants.find((participant) => participant.isReady)?.workerId ?? null;
}
