import { protocolSchema, runSpecSchema, type RunSpecInput } from '#contracts';
import { newEvaluationRecord, newTrainingRecord } from '../storage/new-record.js';
import type { EvaluationRecord, TrainingRecord } from '../storage/run-record.schema.js';

/** The spec of a small run, but for the changes. */
export function specInput(changes: Partial<RunSpecInput> = {}): RunSpecInput {
  return {
    name: 'small',
    model: { architecture: 'resnet20', numClasses: 2 },
    dataset: { kind: 'image-folder', path: '/images' },
    lanes: 2,
    laneBatchSize: 2,
    epochs: 2,
    ...changes,
  };
}

/** The record of an evaluation of four validation samples in `numRounds` rounds. */
export function evaluationRecord(numRounds: number, changes: Partial<EvaluationRecord> = {}): EvaluationRecord {
  const protocol = protocolSchema.parse({ kind: 'center' });
  const evaluation = { runId: 'r0', protocol, split: 'val' as const, numRounds, models: [], sources: [], result: null };
  return { ...newEvaluationRecord({ ...IDENTITY, evaluation }), reason: null, ...changes };
}

/** The record of a run of 10 training samples (3 steps an epoch) that is pending, but for the changes. */
export function runRecord(changes: Partial<TrainingRecord> = {}): TrainingRecord {
  return { ...newTrainingRecord({ ...IDENTITY, study: null, origin: null }), reason: null, ...changes };
}

const IDENTITY = {
  id: 'r1',
  createdAt: 1,
  spec: runSpecSchema.parse(specInput()),
  dataset: { numTrainSamples: 10, numValidationSamples: 4, classes: ['cat', 'dog'], digest: 'd' },
  idempotency: null,
};
