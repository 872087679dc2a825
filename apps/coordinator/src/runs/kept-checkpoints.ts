import type { Checkpoint, CheckpointName, RunSpec, ShownCheckpoint } from '#contracts';
import type { TrainingRecord } from '../storage/run-record.schema.js';

type Keep = RunSpec['checkpoint']['keep'];

/** The checkpoints that a run keeps on disk, oldest first: the newest, and the best where the spec says so. */
export function keptCheckpoints(checkpoints: readonly Checkpoint[], keep: Keep): Checkpoint[] {
  const sorted = checkpoints.toSorted((left, right) => left.step - right.step);
  if (keep !== 'best') return sorted.slice(-keep);
  const best = bestCheckpoint(sorted, keep);
  return sorted.filter((one, index) => one === best || index === sorted.length - 1);
}

/** Each was the best so far when it was written, so the last of them is the best. Undefined where none is kept as such. */
export function bestCheckpoint(checkpoints: readonly Checkpoint[], keep: Keep): Checkpoint | undefined {
  return keep === 'best' ? checkpoints.findLast(({ best }) => best !== undefined) : undefined;
}

/** The checkpoint that is meant, where it is listed. */
export function namedCheckpoint(
  { checkpoints, spec }: Pick<TrainingRecord, 'checkpoints' | 'spec'>,
  name: CheckpointName,
): Checkpoint | undefined {
  switch (name) {
    case 'newest':
      return checkpoints.at(-1);
    case 'best':
      return bestCheckpoint(checkpoints, spec.checkpoint.keep);
    default:
      return checkpoints.find(({ step }) => step === name);
  }
}

/** What there is in place of a checkpoint that is not there, for messages. */
export function checkpointsText(
  { checkpoints, spec }: Pick<TrainingRecord, 'checkpoints' | 'spec'>,
  name: CheckpointName,
): string {
  const steps = checkpoints.map(({ step }) => step).join(', ') || 'none';
  const hint = name === 'best' && spec.checkpoint.keep !== 'best' ? '; only checkpoint.keep "best" keeps the best' : '';
  return `it lists: ${steps}${hint}`;
}

/** Where a run's checkpoints lie, for messages. */
export const placeOf = ({ spec }: Pick<TrainingRecord, 'spec'>): string =>
  spec.checkpoint.store === undefined ? 'on disk' : `in ${spec.checkpoint.store}`;

/** How a checkpoint that is asked for is called in messages. */
export const checkpointText = (name: CheckpointName): string =>
  typeof name === 'number' ? `of step ${name}` : `of its ${name} checkpoint`;

/** As the API shows them. */
export function shownCheckpoints(checkpoints: readonly Checkpoint[], keep: Keep): ShownCheckpoint[] {
  const chosen = bestCheckpoint(checkpoints, keep);
  return checkpoints.map((one) => {
    const { best, ...checkpoint } = one;
    if (one !== chosen || best === undefined) return { ...checkpoint, isBest: false };
    return { ...checkpoint, isBest: true, figure: best };
  });
}
