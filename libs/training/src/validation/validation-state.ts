/**
 * What evaluations have shown, as a pure reducer over committed rounds. Every worker feeds it the same figures, read from
 * the same roots, so newcomers, restarts and recomputed epochs stop at the same step and keep the same checkpoint.
 */
import type { Evaluation, RunSpec, Stopped, StopWhen, ValidationFigure, ValidationState } from '#contracts';

type JudgedEvaluation = Pick<Evaluation, 'epoch' | 'step' | ValidationFigure>;

export interface EvaluatedRound {
  readonly round: number;
  readonly evaluation: JudgedEvaluation;
  /** No epoch comes after it: there is nothing left to stop. */
  readonly isLast: boolean;
}

/** Takes a committed evaluation in. One that was taken in already changes nothing. */
export function reduceValidation(
  { checkpoint, stopWhen }: Pick<RunSpec, 'checkpoint' | 'stopWhen'>,
  state: ValidationState,
  { round, evaluation, isLast }: EvaluatedRound,
): ValidationState {
  if (round < state.round) return state;
  const { bestBy: figure = 'accuracy' } = checkpoint;
  const value = evaluation[figure];
  const isBest = isBetter(figure, value, state.best?.value ?? null);
  const improvement = improved(stopWhen?.noImprovement, state.improvement, evaluation);
  const why = isLast || stopWhen === undefined ? null : whyStopped(stopWhen, evaluation, improvement);
  return {
    round: round + 1,
    best: isBest ? { step: evaluation.step, figure, value } : state.best,
    improvement,
    stopped: why && { step: evaluation.step, epoch: evaluation.epoch + 1, ...why },
  };
}

/** A figure that is no number is never better. */
function isBetter(
  figure: ValidationFigure,
  value: number | undefined,
  than: number | null,
  minDelta = 0,
): value is number {
  if (value === undefined || !Number.isFinite(value)) return false;
  if (than === null) return true;
  return (figure === 'loss' ? than - value : value - than) > minDelta;
}

function improved(
  rule: StopWhen['noImprovement'],
  improvement: ValidationState['improvement'],
  evaluation: JudgedEvaluation,
): ValidationState['improvement'] {
  if (rule === undefined) return improvement;
  const value = evaluation[rule.figure];
  return isBetter(rule.figure, value, improvement.best, rule.minDelta)
    ? { best: value, numEpochsWithout: 0 }
    : { ...improvement, numEpochsWithout: improvement.numEpochsWithout + 1 };
}

function whyStopped(
  { noImprovement, ...targets }: StopWhen,
  evaluation: JudgedEvaluation,
  { best, numEpochsWithout }: ValidationState['improvement'],
): Pick<Stopped, 'cause' | 'reason'> | null {
  for (const figure of ['accuracy', 'top5Accuracy', 'loss'] as const) {
    const [target, value] = [targets[figure], evaluation[figure]];
    if (target === undefined || value === undefined) continue;
    if (figure === 'loss' ? value <= target : value >= target) {
      const reason = `${NAMES[figure]} ${text(figure, value)} has reached ${text(figure, target)}`;
      return { cause: 'target', reason };
    }
  }
  if (noImprovement === undefined || numEpochsWithout < noImprovement.epochs) return null;
  const { figure, epochs } = noImprovement;
  const than = best === null ? '' : `, the best is ${text(figure, best)}`;
  return { cause: 'no-improvement', reason: `${NAMES[figure]} has not improved for ${epochs} epochs${than}` };
}

const NAMES: Readonly<Record<ValidationFigure, string>> = {
  accuracy: 'validation accuracy',
  top5Accuracy: 'validation top-5 accuracy',
  loss: 'validation loss',
};

const text = (figure: ValidationFigure, value: number): string =>
  figure === 'loss' ? value.toFixed(4) : `${(value * 100).toFixed(2)} %`;
