import type { Evaluation, RoundPosition, StepMetrics } from '#contracts';
import type { VectorLayout } from '#resnet';

/** What the root of a training round tells besides the gradient. */
export function readStep(
  root: Float32Array,
  layout: VectorLayout,
  position: RoundPosition,
): Pick<StepMetrics, 'step' | 'round' | 'epoch' | 'loss' | 'accuracy' | 'samples'> {
  const { scalars } = layout;
  const [loss = NaN, correct = NaN, samples = NaN] = [root[scalars.loss], root[scalars.correct], root[scalars.samples]];
  const { round, epoch, stepsDone } = position;
  return { step: stepsDone, round, epoch, loss, accuracy: correct / samples, samples };
}

/** The root of an evaluation round: sums over the whole validation set. */
export function readEvaluation(root: Float32Array, position: RoundPosition, at: number): Evaluation {
  const [loss = NaN, correct = NaN, samples = NaN] = root;
  const { epoch, stepsDone } = position;
  return { epoch, step: stepsDone, loss: loss / samples, accuracy: correct / samples, samples, at };
}
