import type { RunRecord } from './run-record.schema.js';

/** What the record of a run or of an evaluation begins with. */
export type NewRecord = Pick<RunRecord, 'id' | 'createdAt' | 'spec' | 'dataset'> &
  Partial<Pick<RunRecord, 'initialWeights' | 'idempotency' | 'study' | 'evaluation'>>;

/** The record of a run that nobody has worked for yet. */
export function newRecord(given: NewRecord): RunRecord {
  return {
    version: 3,
    idempotency: null,
    study: null,
    ...given,
    state: 'pending',
    reason: 'waits to be given workers',
    startedAt: null,
    finishedAt: null,
    pausingSince: null,
    incarnation: 0,
    start: { round: 0, checkpoint: null },
    isIncarnationOver: false,
    assigned: [],
    shares: [],
    fingerprint: null,
    mixedFromStep: null,
    fastFromStep: null,
    checkpoints: [],
    weightsSha256: null,
    summary: null,
  };
}
