import { samplesInStep, type Evaluation, type RoundPosition, type StepMetrics, type TimelineNumbers } from '#contracts';
import type { TrainedStep } from '#engine';

/** What tells how many samples a step has and may lack. */
export interface StepRules {
  readonly numbers: TimelineNumbers;
  readonly unreadable: 'refuse' | 'skip';
}

/** Sums over a step's lanes: of the loss, divided by the step's samples, of right top-1 predictions, of samples. */
export type StepSums = Pick<TrainedStep, 'loss' | 'correct' | 'samples'>;

/**
 * What a training round tells besides the gradient. A round is complete only with every lane in it: where a lane may leave
 * samples out, what a step lacks was left out, whoever drove the lanes.
 */
export function readStep(
  { loss, correct, samples }: StepSums,
  position: RoundPosition,
  { numbers, unreadable }: StepRules,
): Pick<StepMetrics, 'step' | 'round' | 'epoch' | 'loss' | 'accuracy' | 'samples' | 'leftOut'> {
  const { round, epoch, stepsDone } = position;
  const lacking = samplesInStep(numbers, position.stepInEpoch) - samples;
  const leftOut = unreadable === 'skip' && lacking > 0 ? { leftOut: lacking } : {};
  // A step of which every sample was left out has no accuracy that is a number, and JSON knows no other.
  const accuracy = samples > 0 ? correct / samples : 0;
  return { step: stepsDone, round, epoch, loss, accuracy, samples, ...leftOut };
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
