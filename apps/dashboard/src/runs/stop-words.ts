import type { RunSpec, ValidationFigure } from '#contracts';

const FIGURES: Readonly<Record<ValidationFigure, string>> = {
  accuracy: 'validation accuracy',
  top5Accuracy: 'validation top-5 accuracy',
  loss: 'validation loss',
};

/** What would end the run before its last epoch, rule by rule; empty where nothing would. */
export function stopRules({ stopWhen }: Pick<RunSpec, 'stopWhen'>): string[] {
  if (stopWhen === undefined) return [];
  const { accuracy, top5Accuracy, loss, noImprovement, hours, notFinite } = stopWhen;
  return [
    ...(accuracy === undefined ? [] : [`${FIGURES.accuracy} of at least ${percent(accuracy)}`]),
    ...(top5Accuracy === undefined ? [] : [`${FIGURES.top5Accuracy} of at least ${percent(top5Accuracy)}`]),
    ...(loss === undefined ? [] : [`${FIGURES.loss} of at most ${loss}`]),
    ...(noImprovement === undefined ? [] : [noImprovementWords(noImprovement)]),
    ...(hours === undefined ? [] : [`${hours} ${hours === 1 ? 'hour' : 'hours'} of training`]),
    ...(notFinite === undefined ? [] : ['a loss or gradient that is not finite']),
  ];
}

function noImprovementWords(rule: NonNullable<NonNullable<RunSpec['stopWhen']>['noImprovement']>): string {
  const { epochs, figure, minDelta } = rule;
  const by = minDelta === 0 ? '' : ` by more than ${minDelta}`;
  return `no better ${FIGURES[figure]}${by} in ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}`;
}

/** A figure by which a checkpoint is the best: `91.25 %`, `loss 0.3120`. */
export function figureWords({ figure, value }: { readonly figure: ValidationFigure; readonly value: number }): string {
  switch (figure) {
    case 'accuracy':
      return percent(value);
    case 'top5Accuracy':
      return `top-5 ${percent(value)}`;
    case 'loss':
      return `loss ${value.toFixed(4)}`;
  }
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}
