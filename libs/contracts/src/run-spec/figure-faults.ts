import type { StopWhen, ValidationFigure } from './stop-when.schema.js';

interface JudgedSpec {
  readonly model: { readonly numClasses: number };
  readonly checkpoint: { readonly bestBy?: ValidationFigure | undefined };
  readonly stopWhen?: StopWhen | undefined;
}

/** Evaluations count the five best only where there are more classes. */
const TOP = 5;

/** Where a run is to be judged by a figure that its evaluations do not have. */
export function figureFaults({
  model,
  checkpoint,
  stopWhen,
}: JudgedSpec): { readonly path: readonly string[]; readonly message: string }[] {
  if (model.numClasses > TOP) return [];
  const message = `top-5 accuracy needs more than ${TOP} classes, the model has ${model.numClasses}`;
  return [
    ...(checkpoint.bestBy === 'top5Accuracy' ? [{ path: ['checkpoint', 'bestBy'], message }] : []),
    ...(stopWhen?.top5Accuracy === undefined ? [] : [{ path: ['stopWhen', 'top5Accuracy'], message }]),
    ...(stopWhen?.noImprovement?.figure === 'top5Accuracy'
      ? [{ path: ['stopWhen', 'noImprovement', 'figure'], message }]
      : []),
  ];
}
