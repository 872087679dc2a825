import type { EvaluationRecord, RunRecord, TrainingRecord } from './run-record.schema.js';

type Identity = Pick<RunRecord, 'id' | 'createdAt' | 'spec' | 'dataset' | 'idempotency'>;

/** What the record of a run begins with. */
export type NewTraining = Identity &
  Pick<TrainingRecord, 'initialWeights' | 'study' | 'origin'> &
  Partial<Pick<TrainingRecord, 'checkpoints' | 'mixedFromStep' | 'fastFromStep'>>;

/** The record of a run that nobody has worked for yet. */
export function newTrainingRecord(given: NewTraining): TrainingRecord {
  return { ...NEW, kind: 'training', ...NEW_TRAINING, ...given };
}

/** The record of an evaluation that nobody has worked for yet. */
export function newEvaluationRecord(given: Identity & Pick<EvaluationRecord, 'evaluation'>): EvaluationRecord {
  return { ...NEW, kind: 'evaluation', ...given };
}

const NEW = {
  version: 5,
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
} satisfies Partial<RunRecord>;

const NEW_TRAINING = {
  checkpoints: [],
  weightsSha256: null,
  stopped: null,
  ending: null,
  tags: [],
  notes: '',
  isArchived: false,
  summary: null,
} satisfies Partial<TrainingRecord>;
