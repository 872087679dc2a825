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
