import { createHash } from 'node:crypto';
import type { CloneRequest, EvaluationRequest, SubmittedRun } from '#contracts';
import type { RunRecord, TrainingRecord } from '../storage/run-record.schema.js';
import type { History } from './resumed-history.js';

/** A key that was used before, for another run. */
export class IdempotencyConflictError extends Error {
  override readonly name = 'IdempotencyConflictError';
}

/** What a run is made of. */
export interface NewRun
  extends
    Pick<TrainingRecord, 'spec' | 'dataset' | 'initialWeights'>,
    Partial<Pick<TrainingRecord, 'checkpoints' | 'mixedFromStep' | 'fastFromStep'>> {
  readonly idempotencyKey: string | undefined;
  /** What was submitted under the key. Default: the spec. */
  readonly submitted?: SubmittedRun | SubmittedClone;
  readonly study?: TrainingRecord['study'] | undefined;
  readonly origin?: TrainingRecord['origin'] | undefined;
  /** What it has committed, of one that goes on from another's checkpoint. */
  readonly history?: History | undefined;
}

/** What is asked to be cloned. */
export interface SubmittedClone {
  readonly runId: string;
  readonly request: CloneRequest;
}

/** What is asked of a run's weights. */
export interface SubmittedEvaluation {
  readonly runId: string;
  readonly request: EvaluationRequest;
}

/** What an idempotency key stands for: the same key may be sent again with the same. */
export type Submitted = SubmittedRun | SubmittedClone | SubmittedEvaluation;

/** Two specs are the same when they are so once defaults are filled in. */
export function bodySha256(submitted: Submitted): string {
  return createHash('sha256').update(JSON.stringify(submitted)).digest('hex');
}

/** What a record keeps of the key it was submitted under. */
export function idempotencyOf(key: string | undefined, submitted: Submitted): RunRecord['idempotency'] {
  return key === undefined ? null : { key, bodySha256: bodySha256(submitted) };
}
