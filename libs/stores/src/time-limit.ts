import { RecoverableError } from '#contracts';

/** Asks, and stops waiting after so many milliseconds: RecoverableError with these words. What was asked may go on. */
export async function withTimeLimit<T>(
  words: string,
  { limitMs, signal }: { readonly limitMs: number; readonly signal?: AbortSignal | undefined },
  ask: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  let onAbort = (): void => undefined;
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new RecoverableError(`${words} within ${limitMs / 1000} s`)), limitMs);
    onAbort = () => reject(signal?.reason as Error);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([ask(), ended]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

/** Asks, and after so many milliseconds ends what was asked by its signal: RecoverableError with these words. */
export async function endingAfter<T>(
  limitMs: number,
  words: string,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const signal = AbortSignal.timeout(limitMs);
  try {
    return await ask(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new RecoverableError(words, { cause: error });
  }
}
