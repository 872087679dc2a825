import type { Peer } from '../../apps/cli/src/commands/bench/bench-group.js';
import type { Sizes } from './sizes.js';
import type { Target } from './target.js';
import type { TrainingRuns } from './training-runs.js';

/** What a part found: `detail` in a line for people, `data` for machines. */
export interface Finding {
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly detail: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** What every part may use. */
export interface CheckContext {
  readonly target: Target;
  readonly sizes: Sizes;
  /** Runs through the real stack, each made once however many parts look at it. */
  readonly runs: TrainingRuns;
  /** PyTorch that sees the device, or why there is none; `modules` are imported as well. */
  readonly findPeer: (...modules: readonly string[]) => Promise<Peer | string>;
  /** Progress, in plain words. */
  readonly note: (line: string) => void;
}

/** One thing that is checked. Adding one adds a file and a line in `parts.ts`. */
export interface CheckPart {
  readonly name: string;
  /** What is shown to hold, in the table. */
  readonly title: string;
  /** It has failed when it takes longer. */
  readonly limitSeconds: number;
  /** The signal ends it; what it throws is a failure. */
  run(context: CheckContext, signal: AbortSignal): Promise<Finding>;
}

type Data = Finding['data'];

/** Passed, unless there are faults. */
export function judged(faults: readonly string[], detail: string, data?: Data): Finding {
  const said = faults.length === 0 ? detail : faults.join('; ');
  return { status: faults.length === 0 ? 'passed' : 'failed', detail: said, ...(data && { data }) };
}

export function skipped(reason: string, data?: Data): Finding {
  return { status: 'skipped', detail: reason, ...(data && { data }) };
}
