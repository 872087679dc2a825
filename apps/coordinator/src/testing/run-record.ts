import { protocolSchema, runSpecSchema, type RunSpecInput } from '#contracts';
import type { RunRecord } from '../record/run-record.schema.js';

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
export function evaluationRecord(numRounds: number, changes: Partial<RunRecord> = {}): RunRecord {
  const protocol = protocolSchema.parse({ kind: 'center' });
  return runRecord({
    evaluation: { runId: 'r0', protocol, split: 'val', numRounds, members: [], sources: [], result: null },
    ...changes,
  });
}

/** The record of a run of 10 training samples (3 steps an epoch) that is pending, but for the changes. */
export function runRecord(changes: Partial<RunRecord> = {}): RunRecord {
  return {
    version: 1,
    id: 'r1',
    spec: runSpecSchema.parse(specInput()),
    dataset: { numTrainSamples: 10, numValidationSamples: 4, classes: ['cat', 'dog'], digest: 'd' },
    state: 'pending',
    reason: null,
    createdAt: 1,
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
    checkpoints: [],
    weightsSha256: null,
    idempotency: null,
    study: null,
    summary: null,
    ...changes,
  };
}
