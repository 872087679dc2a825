/** `node:timers/promises` on virtual time. */
export * from 'node:timers/promises';

/** Resolves after a while; rejects with the signal's reason when it is aborted before. */
export async function setTimeout<Value>(
  delayMs: number,
  value?: Value,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Value | undefined> {
  const { signal } = options;
  signal?.throwIfAborted();
  return await new Promise((resolve, reject) => {
    const timer = globalThis.setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve(value);
    }, delayMs);
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
