import { UnreadableSampleError } from '#dataset';

/** Loss or gradients that are no numbers; engines and the check in the engine thread say so in these words. */
const NOT_FINITE = /not finite/;

/**
 * True where the run itself is at fault, so that no other worker would do better: a sample nobody can read, a loss that
 * is not finite. Anything else is this worker's own trouble: it ends, and others take its lanes over.
 */
export function isFaultOfRun(error: unknown): boolean {
  return error instanceof UnreadableSampleError || (error instanceof Error && NOT_FINITE.test(error.message));
}
