import type { Checkpoint, EvaluationResult, LaneShare, RunChanges, RunEvent, Stopped } from '#contracts';
import type { RunRecord } from '../storage/run-record.schema.js';

/** What can happen to a run. `at` is milliseconds since 1970. */
export type RunHappening = { readonly at: number } & (
  | {
      /** Workers were found: a new incarnation begins at `start`. */
      readonly kind: 'incarnation-started';
      readonly start: { readonly round: number; readonly checkpoint: string | null };
      readonly workers: readonly string[];
      readonly fingerprint: string;
      readonly why: 'first' | 'resumed' | 'state-lost';
    }
  /** Workers of other fingerprints than the run's are about to take part, from this step on. */
  | {
      readonly kind: 'devices-mixed';
      readonly step: number;
      readonly fingerprint: string;
      readonly others: readonly { readonly workerId: string; readonly fingerprint: string }[];
    }
  /** GPUs are about to compute with fast bits, from this step on. */
  | { readonly kind: 'fast-bits'; readonly step: number; readonly workers: readonly string[] }
  | { readonly kind: 'workers-changed'; readonly joined: readonly string[]; readonly left: readonly string[] }
  /** Workers thought to be gone hold the state of the current incarnation. */
  | { readonly kind: 'taken-over'; readonly workers: readonly string[] }
  /** The first step of the incarnation was committed: from now on newcomers get the state from a live worker. */
  | { readonly kind: 'progressed' }
  /** Some workers are faster than others. */
  | { readonly kind: 'lanes-shared'; readonly shares: readonly LaneShare[] }
  | { readonly kind: 'starved'; readonly reason: string }
  | { readonly kind: 'kept-waiting'; readonly reason: string }
  | { readonly kind: 'pause-requested' }
  | { readonly kind: 'resume-requested' }
  | { readonly kind: 'cancel-requested' }
  /** `message`: how it came about, where no worker said so itself. */
  | { readonly kind: 'paused'; readonly message: string }
  | { readonly kind: 'checkpointed'; readonly checkpoint: Checkpoint }
  | {
      readonly kind: 'checkpoints-lost';
      readonly damaged: readonly { readonly step: number; readonly reason: string }[];
    }
  /** `stopped`: where it ended before its last epoch. */
  | {
      readonly kind: 'finished';
      readonly step: number;
      readonly weightsSha256: string;
      readonly stopped: Stopped | null;
    }
  /** Its own steps have taken all the time it may train. */
  | { readonly kind: 'time-used-up'; readonly reason: string }
  /** The workers of a run that ends early have left. `end`: its newest whole checkpoint, or why there is none. */
  | { readonly kind: 'ended-early'; readonly end: EarlyEnd | { readonly fault: string } }
  /** Every part of an evaluation was counted. */
  | { readonly kind: 'evaluated'; readonly result: EvaluationResult }
  /** Somebody changed its name, its tags, its notes or whether it is archived. */
  | { readonly kind: 'edited'; readonly changes: RunChanges }
  /** `notFinite`: what had a loss or a gradient that is not finite, where that is why. */
  | { readonly kind: 'failed'; readonly message: string; readonly notFinite?: string | undefined }
);

/** The weights that a run ends with before its last epoch. `epoch`: whole epochs they have seen. */
type EarlyEnd = Pick<Stopped, 'step' | 'epoch'> & { readonly weightsSha256: string };

/** A line of the journal before it has its number. */
export type JournalEntry = Omit<RunEvent, 'id'>;

/** What a happening makes of a run: its new record (the same object where nothing changed) and lines for its journal. */
export interface Reduction {
  readonly record: RunRecord;
  readonly journal: readonly JournalEntry[];
}
