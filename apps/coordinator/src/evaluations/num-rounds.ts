import type { EvaluationProtocol } from '#contracts';

/** Rounds are what progress is counted in and what a kill can cost: some batches of every lane each. */
const BATCHES_A_ROUND = 4;
const MAX_ROUNDS = 500;

/** Into how many rounds an evaluation is cut; its loss depends on it in the last bits, so it is part of the plan. */
export function numRoundsOf(
  numSamples: number,
  { lanes, laneBatchSize }: { readonly lanes: number; readonly laneBatchSize: number },
  protocol: EvaluationProtocol,
): number {
  const batches = protocol.kind === 'center' ? BATCHES_A_ROUND : 1;
  return Math.min(MAX_ROUNDS, Math.max(1, Math.ceil(numSamples / (lanes * laneBatchSize * batches))));
}
