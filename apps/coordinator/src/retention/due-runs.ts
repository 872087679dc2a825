import { KEEP_TAG, type DueRun, type RunState } from '#contracts';
import type { RetentionRule } from '#telemetry';

/** What the retention looks at of a run. */
export interface RetainedRun {
  readonly id: string;
  readonly name: string;
  readonly state: RunState;
  readonly finishedAt: number | null;
  readonly tags: readonly string[];
  readonly isArchived: boolean;
}

/** What the rules come to. */
export interface DueRuns {
  /** By the time of deletion, the earliest first. */
  readonly due: readonly Omit<DueRun, 'obstacle'>[];
  /** Runs that a rule would take, were they not archived or tagged `keep`. */
  readonly numExempt: number;
}

/** Which runs are deleted when: now or later. */
export function dueRuns(runs: Iterable<RetainedRun>, rules: readonly RetentionRule[]): DueRuns {
  const afterMs = new Map<RunState, number>(rules.map((rule) => [rule.state, rule.afterMs]));
  const due: Omit<DueRun, 'obstacle'>[] = [];
  let numExempt = 0;
  for (const { id, name, state, finishedAt, tags, isArchived } of runs) {
    const after = afterMs.get(state);
    if (after === undefined || finishedAt === null) continue;
    if (isArchived || tags.includes(KEEP_TAG)) numExempt += 1;
    else due.push({ id, name, state: state as DueRun['state'], finishedAt, deletedAt: finishedAt + after });
  }
  due.sort((left, right) => left.deletedAt - right.deletedAt || (left.id < right.id ? -1 : 1));
  return { due, numExempt };
}
