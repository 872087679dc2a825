import type { StudySpec } from '#contracts';
import type { Chart } from './chart.js';
import { errorByAxis, numericAxes } from './error-by-axis.js';
import { errorByIteration } from './error-by-iteration.js';
import type { FigureInput } from './figure-input.js';

type Figure = readonly [name: string, draw: (input: FigureInput) => Chart];

/** The figures a study has. */
function figuresOf(spec: StudySpec): Figure[] {
  return [
    ['error-by-iteration', errorByIteration],
    ...numericAxes(spec).map((axis): Figure => [`error-by-${axis}`, (input) => errorByAxis(input, axis)]),
  ];
}

export function figureNames(spec: StudySpec): string[] {
  return figuresOf(spec).map(([name]) => name);
}

/** Undefined where the study has no such figure. */
export function figureOf(name: string, input: FigureInput): Chart | undefined {
  return figuresOf(input.spec).find(([known]) => known === name)?.[1](input);
}
