/** A live worker of the run, as the parameter server sees it. */
export interface ReplicaMember {
  readonly workerId: string;
  /** Its replica is complete and follows the commits. */
  readonly isReady: boolean;
}

/**
 * Lanes a worker should drive: lanes / workers, the remainder to the first in the order given (all workers see the same
 * order). 0 for a worker that is not ready.
 */
export function fairShare(members: readonly ReplicaMember[], workerId: string, lanes: number): number {
  const ready = members.filter((member) => member.isReady);
  const rank = ready.findIndex((member) => member.workerId === workerId);
  if (rank < 0) return 0;
  return Math.floor(lanes / ready.length) + (rank < lanes % ready.length ? 1 : 0);
}

/** The leader writes checkpoints and reports: the first ready member. Two leaders for a moment do no harm. */
export function leaderOf(members: readonly ReplicaMember[]): string | null {
  return members.find((member) => member.isReady)?.workerId ?? null;
}
