import { isDeepStrictEqual } from 'node:util';
import { stepsPerEpoch, totalRounds, trainingTimeline, type CheckpointManifest, type RunSpec } from '#contracts';
import type { TrainingRecord } from '../storage/run-record.schema.js';

type Fault = { readonly path: string; readonly message: string };

/** What the position in the data or the vectors of a checkpoint depend on. */
const FIXED: readonly { readonly path: string; readonly of: (spec: RunSpec) => unknown; readonly why: string }[] = [
  { path: 'model', of: ({ model }) => model, why: 'the weights are those of its network' },
  {
    path: 'dataset',
    of: ({ dataset }) => ({ ...dataset, name: undefined }),
    why: 'the position is one in its samples',
  },
  { path: 'lanes', of: ({ lanes }) => lanes, why: 'the position is counted in steps of all lanes' },
  { path: 'laneBatchSize', of: (spec) => spec.laneBatchSize, why: 'the position is counted in steps of all lanes' },
  { path: 'seed', of: ({ seed }) => seed, why: 'it gives the order of the samples' },
  { path: 'initialWeights', of: (spec) => spec.initialWeights, why: 'the weights are those of the checkpoint' },
  { path: 'fineTune', of: ({ fineTune }) => fineTune, why: 'it says which weights are trained' },
  { path: 'optimizer.kind', of: ({ optimizer }) => optimizer.kind, why: 'the checkpoint holds what it remembers' },
  {
    path: 'regularization.ema',
    of: ({ regularization }) => regularization.ema !== undefined,
    why: 'the checkpoint holds the average, or none',
  },
];

/** Everything that keeps a run of this spec from going on from a checkpoint of another. */
export function resumeFaults(
  original: Pick<TrainingRecord, 'spec' | 'dataset'>,
  spec: RunSpec,
  manifest: Pick<CheckpointManifest, 'round' | 'step' | 'validation'>,
): Fault[] {
  const fixed = FIXED.filter(({ of }) => !isDeepStrictEqual(of(original.spec), of(spec))).map(({ path, why }) => ({
    path: `changes.${path}`,
    message: `cannot change where a run goes on from a checkpoint: ${why}`,
  }));
  const { round, step, validation } = manifest;
  const numbers = trainingTimeline({ spec: { ...original.spec, epochs: spec.epochs }, dataset: original.dataset });
  const faults: Fault[] = [...fixed];
  if (round >= totalRounds(numbers)) {
    const epochs = Math.ceil(step / stepsPerEpoch(numbers));
    const message = `is ${spec.epochs}, and the checkpoint of step ${step} ends epoch ${epochs}: nothing is left to train`;
    faults.push({ path: 'changes.epochs', message });
  }
  if (validation.stopped !== null && isDeepStrictEqual(original.spec.stopWhen, spec.stopWhen)) {
    const message = `ended the run at this checkpoint (${validation.stopped.reason}): change it, or null to train all epochs`;
    faults.push({ path: 'changes.stopWhen', message });
  }
  return faults;
}

/**
 * The manifest of a checkpoint as the run that goes on from it has it. What its evaluations have shown counts on where
 * the new run judges by the same figures; the best is kept only where it is this checkpoint, the only one it has.
 */
export function resumedManifest(
  manifest: CheckpointManifest,
  { runId, original, spec }: { readonly runId: string; readonly original: RunSpec; readonly spec: RunSpec },
): CheckpointManifest {
  const { best, improvement } = manifest.validation;
  const { bestBy = 'accuracy' } = spec.checkpoint;
  const [before, now] = [original.stopWhen?.noImprovement, spec.stopWhen?.noImprovement];
  const isSameRule = before?.figure === now?.figure && before?.minDelta === now?.minDelta;
  return {
    ...manifest,
    runId,
    validation: {
      round: manifest.validation.round,
      best: best?.step === manifest.step && best.figure === bestBy ? best : null,
      improvement: isSameRule ? improvement : { best: null, numEpochsWithout: 0 },
      stopped: null,
    },
  };
}
