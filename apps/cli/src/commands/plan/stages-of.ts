import { gradientStages, layoutOf, type Network } from '#resnet';
import type { StepWork } from './step-model.js';

/** As the workers' SKIPLANE_OVERLAP. */
export const OVERLAPS = ['auto', 'on', 'off'] as const;
export type Overlap = (typeof OVERLAPS)[number];

/** Stages of a network's backward pass as the model takes them: without overlap all is known at the end. */
export function stagesOf(network: Network, isOverlapped: boolean): StepWork['stages'] {
  const layout = layoutOf(network);
  if (!isOverlapped) return [{ numElements: layout.vectorLength, doneShare: 1 }];
  return gradientStages(network, layout).map(({ numElements, doneShare }) => ({ numElements, doneShare }));
}
