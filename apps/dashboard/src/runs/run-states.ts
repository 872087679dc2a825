import type { RunState } from '#contracts';

/** The states of the contract, in the order of a run's life; a state missing here is a type error. */
const ALL = {
  pending: true,
  running: true,
  pausing: true,
  paused: true,
  cancelled: true,
  failed: true,
  finished: true,
} satisfies Record<RunState, true>;

export type { RunState };
export const RUN_STATES = Object.keys(ALL) as RunState[];

/** Whether the run will never train again. */
export function isOver(state: RunState): boolean {
  return state === 'cancelled' || state === 'failed' || state === 'finished';
}
