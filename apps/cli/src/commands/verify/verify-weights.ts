import type { RunView } from '#contracts';
import { ProblemError, UnreachableError } from '../../api-client/api-errors.js';
import type { SkiplaneClient } from '../../api-client/skiplane-client.js';
import { streamWeights } from '../../api-client/stream-weights.js';

/** What became of the newest checkpoint's weights file. */
export interface WeightsVerdict {
  readonly step: number;
  /** What the run says: of a finished one its fingerprint, else what was said when the checkpoint was written. */
  readonly expected: string;
  /** Of the bytes of the file; null where it cannot be had. */
  readonly sha256: string | null;
  readonly verdict: 'same' | 'differs' | 'unreachable';
  /** Why it is unreachable. */
  readonly reason: string | null;
}

/** Reads the weights of the newest checkpoint and hashes them; null of a run that has none. */
export async function verifyWeights(
  client: SkiplaneClient,
  run: RunView,
  onBytes: (sizeBytes: number) => void = () => undefined,
): Promise<WeightsVerdict | null> {
  const checkpoint = run.checkpoints.toSorted((left, right) => left.step - right.step).at(-1);
  if (checkpoint === undefined) return null;
  const { step } = checkpoint;
  const expected = run.weightsSha256 ?? checkpoint.weightsSha256;
  try {
    let sizeBytes = 0;
    const { sha256 } = await streamWeights(client, { runId: run.id, step }, (chunk) =>
      onBytes((sizeBytes += chunk.length)),
    );
    return { step, expected, sha256, verdict: sha256 === expected ? 'same' : 'differs', reason: null };
  } catch (error) {
    const isGone = error instanceof UnreachableError || (error instanceof ProblemError && error.problem.status === 404);
    if (!isGone) throw error;
    return { step, expected, sha256: null, verdict: 'unreachable', reason: error.message };
  }
}
