import { roundPosition } from '#contracts';
import type { ReplicaSetup } from './replica.js';

/**
 * How many elements at the front of a round's vector are rounded to bfloat16 in every node of the lane tree: the gradients
 * of a step on a 16-bit wire. Statistics, loss and counts behind them are not, nor are the counts of an evaluation.
 */
export function roundedElements(
  { spec, numbers, layout, evaluation }: Pick<ReplicaSetup, 'spec' | 'numbers' | 'layout' | 'evaluation'>,
  round: number,
): number {
  const isStep = !evaluation && roundPosition(numbers, round).kind === 'train';
  return isStep && spec.wire === 'bf16' ? layout.numParameters : 0;
}
