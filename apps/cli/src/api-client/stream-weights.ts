import { createHash } from 'node:crypto';
import type { WeightsKind } from '#contracts';
import { ProblemError, UnexpectedAnswerError, UnreachableError } from './api-errors.js';
import type { SkiplaneClient } from './skiplane-client.js';

/** A download that gets no byte for so long is given up. */
const IDLE_TIMEOUT_MS = 30_000;

/**
 * Reads a checkpoint's weights, or their average, once and hashes it on the way; `onChunk` gets every piece, and what it throws
 * of the file system is passed on.
 * @throws UnreachableError when the download breaks off, and what the client throws.
 */
export async function streamWeights(
  client: SkiplaneClient,
  { runId, step, kind = 'trained' }: { readonly runId: string; readonly step: number; readonly kind?: WeightsKind },
  onChunk: (chunk: Uint8Array) => Promise<void> | void = () => undefined,
): Promise<{ readonly sha256: string; readonly sizeBytes: number }> {
  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(), IDLE_TIMEOUT_MS);
  try {
    const response = await client.weights({ runId, step, kind }, idle.signal);
    const hash = createHash('sha256');
    let sizeBytes = 0;
    for await (const chunk of response.body ?? []) {
      timer.refresh();
      hash.update(chunk);
      sizeBytes += chunk.length;
      await onChunk(chunk);
    }
    return { sha256: hash.digest('hex'), sizeBytes };
  } catch (error) {
    const isKnown =
      error instanceof ProblemError || error instanceof UnexpectedAnswerError || error instanceof UnreachableError;
    const isFileFault = error instanceof Error && 'syscall' in error && 'path' in error;
    if (isKnown || isFileFault) throw error;
    const why = idle.signal.aborted ? `nothing came for ${IDLE_TIMEOUT_MS / 1000} s` : String(error);
    throw new UnreachableError(`the download broke off: ${why}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
