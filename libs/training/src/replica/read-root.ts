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

/** Top-5 says something only where there are more classes. */
const TOP = 5;

/** The root of an evaluation round: sums over the whole validation set. */
export function readEvaluation(
  root: Float32Array,
  position: RoundPosition,
  { numClasses, at }: { readonly numClasses: number; readonly at: number },
): Evaluation {
  const [loss = NaN, correct = NaN, samples = NaN, correctTop5 = NaN] = root;
  const { epoch, stepsDone } = position;
  const top5 = numClasses > TOP ? { top5Accuracy: correctTop5 / samples } : {};
  return { epoch, step: stepsDone, loss: loss / samples, accuracy: correct / samples, ...top5, samples, at };
}
