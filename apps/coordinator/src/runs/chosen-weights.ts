import { addressIn, CHECKPOINT_FILES, type Checkpoint, type CheckpointName, type WeightsKind } from '#contracts';
import type { CheckpointFiles } from '../storage/checkpoint-files.js';
import { checkpointsText, checkpointText, namedCheckpoint, placeOf } from './kept-checkpoints.js';
import type { TrainingRun } from './live-run.js';

/** The weights that were asked for are not there. `pending`: the run has none at all yet. */
export class NoWeightsError extends Error {
  override readonly name = 'NoWeightsError';

  constructor(
    message: string,
    readonly why: 'pending' | 'not-kept',
  ) {
    super(message);
  }
}

export interface WeightsChoice {
  /** Default: the newest checkpoint. */
  readonly step?: CheckpointName | undefined;
  /** The average of weights, or not. Default: the average where the run keeps one, as evaluations during the run do. */
  readonly ema?: boolean | undefined;
}

export interface ChosenWeights {
  readonly checkpoint: Checkpoint;
  readonly kind: WeightsKind;
  /** On this host's disk. */
  readonly path: string;
  /** Where the run's workers find the file. */
  readonly address: string;
  /** Null of an average that an older worker wrote. */
  readonly sha256: string | null;
}

/** Finds the weights of a run's checkpoint. Throws NoWeightsError that says what there is, and as Store does. */
export async function chosenWeights(
  run: TrainingRun,
  { step = 'newest', ema }: WeightsChoice,
  files: CheckpointFiles,
): Promise<ChosenWeights> {
  const { checkpoints, spec } = run.record;
  const { id } = run;
  if (checkpoints.length === 0) {
    throw new NoWeightsError(`run ${id} is ${run.record.state} and has written no checkpoint yet`, 'pending');
  }
  const keepsAverage = spec.regularization.ema !== undefined;
  if (ema === true && !keepsAverage) throw new NoWeightsError(`run ${id} keeps no average of weights`, 'not-kept');
  const kind = (ema ?? keepsAverage) ? 'average' : 'trained';
  const checkpoint = namedCheckpoint(run.record, step);
  const name = CHECKPOINT_FILES[kind === 'average' ? 'average' : 'weights'];
  const file = checkpoint && (await files.weights(run.record, checkpoint, name));
  if (checkpoint === undefined || file === undefined) {
    const message = `run ${id} has no weights ${checkpointText(step)} ${placeOf(run.record)}; ${checkpointsText(run.record, step)}`;
    throw new NoWeightsError(message, 'not-kept');
  }
  const sha256 = kind === 'trained' ? checkpoint.weightsSha256 : checkpoint.averageSha256;
  const address = spec.checkpoint.store === undefined ? file.path : addressIn(checkpoint.directory, name);
  return { checkpoint, kind, path: file.path, address, sha256: sha256 ?? null };
}
