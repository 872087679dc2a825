import { roundPosition, type RunSpec, type TimelineNumbers } from '#contracts';
import type { VectorLayout } from '#resnet';

interface RoundedOptions {
  readonly spec: RunSpec;
  readonly numbers: TimelineNumbers;
  readonly layout: VectorLayout;
  /** Given for an evaluation by itself. */
  readonly evaluation?: unknown;
}

/**
 * How many elements at the front of a round's vector are rounded to bfloat16 in every node of the lane tree: the gradients
 * of a step on a 16-bit wire. Statistics, loss and counts behind them are not, nor are the counts of an evaluation.
 */
export function roundedElements({ spec, numbers, layout, evaluation }: RoundedOptions, round: number): number {
  const isStep = evaluation === undefined && roundPosition(numbers, round).kind === 'train';
  return isStep && spec.wire === 'bf16' ? layout.numTrained : 0;
}
