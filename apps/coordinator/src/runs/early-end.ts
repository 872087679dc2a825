/**
 * The end of a run by what no evaluation shows: its time is used up, or a step was not finite. It takes the way of a
 * pause: `ending` says why, the workers write a checkpoint and leave, and then the newest whole checkpoint is the end.
 */
import type { Stopped } from '#contracts';
import type { RunRecord, TrainingRecord } from '../storage/run-record.schema.js';
import type { JournalEntry, Reduction, RunHappening } from './run-events.js';

type Line = (topic: string, message: string, level?: JournalEntry['level']) => JournalEntry;
type Happening<Kind extends RunHappening['kind']> = Extract<RunHappening, { kind: Kind }>;

export function endingOf(record: RunRecord): TrainingRecord['ending'] {
  return record.kind === 'training' ? record.ending : null;
}

/** The field of a record whose end, or pause, came about; an evaluation has none. */
export function withoutEnding(record: RunRecord): Partial<Pick<TrainingRecord, 'ending'>> {
  return record.kind === 'training' ? { ending: null } : {};
}

export function timeUsedUp(record: TrainingRecord, { at, reason }: Happening<'time-used-up'>, line: Line): Reduction {
  return {
    record: { ...record, state: 'pausing', reason, pausingSince: at, ending: { cause: 'time', reason } },
    journal: [line('stopped', `${reason}: workers write a checkpoint and leave`)],
  };
}

/** Whether a step that is not finite ends the run with a checkpoint, so that it does not fail. */
export function endsNotFinite(record: RunRecord): record is TrainingRecord {
  return record.kind === 'training' && record.spec.stopWhen?.notFinite === true && record.checkpoints.length > 0;
}

/** Why a run that was to end so fails; empty where it was not. */
export function noCheckpointYet(record: RunRecord): string {
  if (record.kind !== 'training' || record.spec.stopWhen?.notFinite !== true) return '';
  const { everySteps } = record.spec.checkpoint;
  return `; stopWhen.notFinite ends a run with its newest checkpoint, and it has none yet (checkpoint.everySteps ${everySteps})`;
}

/** The workers that found it have left; what they were writing, and what others write, is still waited for. */
export function notFiniteFound(record: TrainingRecord, where: string, at: number, line: Line): Reduction {
  if (record.ending?.cause === 'not-finite') return { record, journal: [] };
  const reason = `loss or gradient of ${where} is not finite`;
  return {
    record: { ...record, state: 'pausing', reason, pausingSince: at, ending: { cause: 'not-finite', reason } },
    journal: [line('stopped', `${reason}; the run ends with its newest checkpoint`, 'warning')],
  };
}

/** The workers of a run that ends early have left. */
export function drained(record: RunRecord, line: Line, message: string): Reduction {
  if (record.isIncarnationOver) return { record, journal: [] };
  return { record: { ...record, assigned: [], isIncarnationOver: true }, journal: [line('stopped', message)] };
}

/** A pause is asked for while the run's time is used up: it comes first, and the run ends once it is resumed. */
export function pausedInstead(record: RunRecord): RunRecord {
  const { isIncarnationOver } = record;
  const paused = { ...record, ...withoutEnding(record), reason: null };
  return isIncarnationOver ? { ...paused, state: 'paused', reason: 'paused by request', pausingSince: null } : paused;
}

/** Why it failed, where the run cannot end with a checkpoint; else where and why it ended. */
export function endOf(
  ending: NonNullable<TrainingRecord['ending']>,
  { end }: Happening<'ended-early'>,
): { readonly failure: string } | { readonly stopped: Stopped; readonly weightsSha256: string } {
  if ('fault' in end) return { failure: `${ending.reason}, and it has no checkpoint to end with: ${end.fault}` };
  const { weightsSha256, ...where } = end;
  return { stopped: { ...where, ...ending }, weightsSha256 };
}
