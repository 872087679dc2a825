import { isRemote, TERMINAL_STATES, type Checkpoint } from '#contracts';
import type { RunRecord, TrainingRecord } from '../storage/run-record.schema.js';
import { keptCheckpoints } from './kept-checkpoints.js';
import {
  drained,
  endingOf,
  endOf,
  endsNotFinite,
  noCheckpointYet,
  notFiniteFound,
  pausedInstead,
  timeUsedUp,
  withoutEnding,
} from './early-end.js';
import { edited } from './run-edits.js';
import type { JournalEntry, Reduction, RunHappening } from './run-events.js';

/** A checkpoint written as the run ended is on disk all the same, and people name and sort their runs at any time. */
const PASSING_THE_END: ReadonlySet<RunHappening['kind']> = new Set(['checkpointed', 'edited']);

/**
 * The run state machine: pending -> running -> (pausing -> paused -> pending) -> finished | failed | cancelled. A run
 * that ends early passes through pausing, too (early-end.ts). A
 * happening that has no meaning in the state it meets (a late report, a second pause) changes nothing.
 */
export function reduceRun(record: RunRecord, happening: RunHappening): Reduction {
  const { at } = happening;
  const unchanged: Reduction = { record, journal: [] };
  if (TERMINAL_STATES.includes(record.state) && !PASSING_THE_END.has(happening.kind)) return unchanged;
  const line = (topic: string, message: string, level: JournalEntry['level'] = 'info'): JournalEntry => ({
    at,
    level,
    topic,
    message,
  });
  const isActive = record.state === 'running' || record.state === 'pausing';

  switch (happening.kind) {
    case 'incarnation-started': {
      if (record.state !== 'pending' && record.state !== 'running') return unchanged;
      const { workers, start } = happening;
      return {
        record: {
          ...record,
          state: 'running',
          reason: null,
          startedAt: record.startedAt ?? at,
          incarnation: record.incarnation + 1,
          start,
          isIncarnationOver: false,
          fingerprint: record.fingerprint ?? happening.fingerprint,
          assigned: workers.map((workerId) => ({ workerId, coldStart: true })),
          shares: [],
        },
        journal: [
          happening.why === 'state-lost'
            ? line('started', `${beginning(start)}: no worker alive has newer state; with ${named(workers)}`, 'warning')
            : line('started', `${beginning(start)} with ${named(workers)}`),
        ],
      };
    }
    case 'devices-mixed': {
      const from = Math.min(happening.step, record.mixedFromStep ?? Infinity);
      const message = (other: (typeof happening.others)[number]): string =>
        `${named([other.workerId])} computes with fingerprint ${other.fingerprint}, the run with ` +
        `${happening.fingerprint}: from step ${from} on the bits are no longer promised`;
      return {
        record: { ...record, mixedFromStep: from },
        journal: happening.others.map((other) => line('fingerprint', message(other), 'warning')),
      };
    }
    case 'fast-bits': {
      if (record.fastFromStep !== null && record.fastFromStep <= happening.step) return unchanged;
      const message = `${named(happening.workers)} computes on a GPU with fast bits: from step ${happening.step} on the same bits are not promised`;
      return {
        record: { ...record, fastFromStep: happening.step },
        journal: [line('fingerprint', message, 'warning')],
      };
    }
    case 'workers-changed': {
      if (!isActive) return unchanged;
      const stayed = record.assigned.filter(({ workerId }) => !happening.left.includes(workerId));
      const joined = happening.joined.map((workerId) => ({ workerId, coldStart: false }));
      return {
        record: { ...record, assigned: [...stayed, ...joined], shares: [] },
        journal: [
          ...(happening.left.length > 0
            ? [line('worker', `${named(happening.left)} is gone; ${stayed.length} left`, 'warning')]
            : []),
          ...(joined.length > 0 ? [line('worker', `${named(happening.joined)} joins`)] : []),
        ],
      };
    }
    case 'taken-over':
      if (record.state !== 'pending') return unchanged;
      return {
        record: {
          ...record,
          state: 'running',
          reason: null,
          assigned: happening.workers.map((workerId) => ({ workerId, coldStart: false })),
        },
        journal: [line('worker', `${named(happening.workers)} is there after all and has gone on training`)],
      };
    case 'progressed':
      if (!record.assigned.some(({ coldStart }) => coldStart)) return unchanged;
      return {
        record: { ...record, assigned: record.assigned.map((one) => ({ ...one, coldStart: false })) },
        journal: [],
      };
    case 'lanes-shared': {
      if (record.state !== 'running') return unchanged;
      const words = happening.shares.map(({ workerId, lanes }) => `${workerId} ${lanes}`).join(', ');
      return {
        record: { ...record, shares: [...happening.shares] },
        journal: [line('lanes', `lanes are shared out by speed: ${words}`)],
      };
    }
    case 'starved':
      if (record.state !== 'running') return unchanged;
      return {
        record: { ...record, state: 'pending', reason: happening.reason, assigned: [] },
        journal: [line('worker', `lost all its workers: ${happening.reason}`, 'warning')],
      };
    case 'kept-waiting':
      if (record.state !== 'pending' || record.reason === happening.reason) return unchanged;
      return { record: { ...record, reason: happening.reason }, journal: [] };
    case 'pause-requested':
      if (record.state === 'pending')
        return { record: pausedRecord(record), journal: [line('paused', 'paused before it had workers')] };
      if (endingOf(record)?.cause === 'time')
        return { record: pausedInstead(record), journal: [line('paused', 'pause requested')] };
      if (record.state !== 'running') return unchanged;
      return {
        record: { ...record, state: 'pausing', pausingSince: at },
        journal: [line('paused', 'pause requested: workers write a checkpoint and leave')],
      };
    case 'paused':
      if (record.state !== 'pausing') return unchanged;
      if (endingOf(record) !== null) return drained(record, line, happening.message);
      return { record: pausedRecord(record), journal: [line('paused', happening.message)] };
    case 'resume-requested':
      if (record.state !== 'paused') return unchanged;
      return {
        record: { ...record, state: 'pending', reason: 'resumed, waits to be given workers' },
        journal: [line('resumed', 'resumed')],
      };
    case 'cancel-requested':
      return {
        record: ended(record, 'cancelled', at, 'cancelled by request'),
        journal: [line('cancelled', 'cancelled', 'warning')],
      };
    case 'checkpointed':
      if (record.kind !== 'training') return unchanged;
      return checkpointed(record, happening, line);
    case 'checkpoints-lost': {
      if (record.kind !== 'training') return unchanged;
      const { damaged } = happening;
      const checkpoints = record.checkpoints.filter(({ step }) => !damaged.some((one) => one.step === step));
      const journal = damaged.map(({ step, reason }) =>
        line('checkpoint', `the checkpoint of step ${step} is passed over: ${reason}`, 'error'),
      );
      return { record: { ...record, checkpoints }, journal };
    }
    case 'finished':
      if (record.kind !== 'training') return unchanged;
      return finished(record, happening, line);
    case 'time-used-up':
      if (record.kind !== 'training' || (record.state !== 'running' && record.state !== 'pending')) return unchanged;
      return timeUsedUp(record, happening, line);
    case 'ended-early':
      if (record.kind !== 'training' || record.ending === null) return unchanged;
      return endedEarly(record, record.ending, happening, line);
    case 'evaluated': {
      if (record.kind !== 'evaluation') return unchanged;
      const { result } = happening;
      const message = `evaluated ${result.samples} images, accuracy ${(result.accuracy * 100).toFixed(2)} %`;
      return {
        record: { ...ended(record, 'finished', at, null), evaluation: { ...record.evaluation, result } },
        journal: [line('finished', message)],
      };
    }
    case 'edited': {
      if (record.kind !== 'training') return unchanged;
      const after = edited(record, happening.changes);
      return { record: after.record, journal: after.lines.map((message) => line('edited', message)) };
    }
    case 'failed':
      if (!isActive || (endingOf(record) !== null && record.isIncarnationOver)) return unchanged;
      if (happening.notFinite !== undefined && endsNotFinite(record))
        return notFiniteFound(record, happening.notFinite, at, line);
      return failed(record, happening, line);
  }
}

function failed(
  record: RunRecord,
  { at, message, notFinite }: Extract<RunHappening, { kind: 'failed' }>,
  line: Line,
): Reduction {
  const words = notFinite === undefined ? message : `${message}${noCheckpointYet(record)}`;
  return { record: ended(record, 'failed', at, words), journal: [line('failed', words, 'error')] };
}

type Finished = Extract<RunHappening, { kind: 'finished' }>;
type Line = (topic: string, message: string, level?: JournalEntry['level']) => JournalEntry;

function finished(record: TrainingRecord, happening: Omit<Finished, 'kind'>, line: Line): Reduction {
  const { at, weightsSha256, stopped } = happening;
  return {
    record: { ...ended(record, 'finished', at, null), weightsSha256, stopped },
    journal: [line('finished', finishedText(happening))],
  };
}

function endedEarly(
  record: TrainingRecord,
  ending: NonNullable<TrainingRecord['ending']>,
  happening: Extract<RunHappening, { kind: 'ended-early' }>,
  line: Line,
): Reduction {
  const { at } = happening;
  const end = endOf(ending, happening);
  if ('failure' in end)
    return { record: ended(record, 'failed', at, end.failure), journal: [line('failed', end.failure, 'error')] };
  return finished(record, { at, step: end.stopped.step, ...end }, line);
}

function checkpointed(
  record: TrainingRecord,
  happening: Extract<RunHappening, { kind: 'checkpointed' }>,
  line: Line,
): Reduction {
  const { checkpoint } = happening;
  const held = record.checkpoints.find(({ step }) => step === checkpoint.step);
  const isSame = held?.weightsSha256 === checkpoint.weightsSha256 && held.directory === checkpoint.directory;
  // Written once more after the evaluation of its weights, it knows of the evaluation.
  if (isSame && held.round >= checkpoint.round) return { record, journal: [] };
  const checkpoints = keptCheckpoints(
    [...record.checkpoints.filter((one) => one !== held), checkpoint],
    record.spec.checkpoint.keep,
  );
  if (checkpoints.every((one) => record.checkpoints.includes(one))) return { record, journal: [] };
  if (isSame) return { record: { ...record, checkpoints }, journal: [] };
  const isOther = held !== undefined && held.weightsSha256 !== checkpoint.weightsSha256;
  return {
    record: { ...record, checkpoints },
    journal: [
      isOther
        ? line(
            'checkpoint',
            `step ${checkpoint.step}: computed again with other weights than before (${held.weightsSha256})`,
            'warning',
          )
        : line('checkpoint', checkpointText(checkpoint)),
    ],
  };
}

function ended<Kept extends RunRecord>(
  record: Kept,
  state: 'cancelled' | 'failed' | 'finished',
  at: number,
  reason: string | null,
): Kept {
  return { ...record, ...withoutEnding(record), state, reason, finishedAt: at, assigned: [], pausingSince: null };
}

function pausedRecord(record: RunRecord): RunRecord {
  return {
    ...record,
    ...withoutEnding(record),
    state: 'paused',
    reason: 'paused by request',
    assigned: [],
    pausingSince: null,
    isIncarnationOver: true,
  };
}

function checkpointText({ step, weightsSha256, directory }: Checkpoint): string {
  const where = isRemote(directory) ? `, in ${directory}` : '';
  return `checkpoint of step ${step}, weights ${weightsSha256.slice(0, 12)}${where}`;
}

function finishedText({ step, weightsSha256, stopped }: Omit<Finished, 'kind'>): string {
  const why = stopped === null ? '' : ` (stopped early: ${stopped.reason})`;
  return `finished after ${step} steps${why}, weights ${weightsSha256}`;
}

function beginning(start: RunRecord['start']): string {
  return start.round === 0 ? 'begins' : `goes on at round ${start.round} from its checkpoint`;
}

function named(workers: readonly string[]): string {
  return workers.length === 1 ? `worker ${workers[0]}` : `${workers.length} workers (${workers.join(', ')})`;
}
