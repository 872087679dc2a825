import type { LiveRun } from '../../runs/live-run.js';
import { QUEUED_BEHIND } from '../../scheduling/place-workers.js';
import type { FaultObserver } from '../fault-observer.js';

const LONG_MS = 600_000;

type Waiting = Pick<LiveRun, 'id' | 'stateSince'> & {
  readonly record: Pick<LiveRun['record'], 'state' | 'reason'> & { readonly spec: { readonly name: string } };
};

/**
 * The first run in the queue, where it has waited for long and no other run has the workers that it could use: those behind
 * it wait for it. `now`: as `stateSince`.
 */
export function waitingRunObserver(
  unfinished: () => readonly Waiting[],
  now = (): number => performance.now(),
): FaultObserver {
  return {
    kinds: ['run-waits'],
    look() {
      const waiting = unfinished().filter(({ record }) => record.state === 'pending');
      const [first] = waiting;
      if (first === undefined || now() - first.stateSince < LONG_MS) return [];
      const { reason, spec } = first.record;
      if (reason?.includes(QUEUED_BEHIND) === true) return [];
      const minutes = Math.floor((now() - first.stateSince) / 60_000);
      const behind = waiting.length === 1 ? '' : `; ${waiting.length - 1} more wait`;
      const message = `run ${spec.name} (${first.id}) has waited for ${minutes} min: ${reason ?? 'no reason is known'}${behind}`;
      return [{ kind: 'run-waits', subject: first.id, message }];
    },
  };
}
