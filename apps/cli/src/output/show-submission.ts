import { printable } from '#contracts';
import type { CommandIo } from '../action/command-io.js';
import type { SubmissionOptions } from '../api-client/send-submission.js';

const INTERVAL_MS = 5_000;

/**
 * Has something submitted and says meanwhile what is done. Null where the user did not wait for it (Ctrl-C): it goes on, and
 * the same key finds it.
 */
export async function showSubmission<T>(
  io: CommandIo,
  idempotencyKey: string,
  send: (options: SubmissionOptions) => Promise<T>,
): Promise<T | null> {
  using interrupts = io.interrupts();
  const { signal } = interrupts;
  let shownAt = Number.NEGATIVE_INFINITY;
  let shown = '';
  const onProgress = (message: string): void => {
    if (message === shown || performance.now() - shownAt < INTERVAL_MS) return;
    shown = message;
    shownAt = performance.now();
    io.err(`${printable(message)} ...`);
  };
  try {
    return await send({ onProgress, signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    io.err(`detached: the coordinator goes on with it. --idempotency-key ${idempotencyKey} finds what it becomes`);
    return null;
  }
}
