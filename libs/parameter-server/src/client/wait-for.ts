import { RecoverableError } from '#contracts';

/** Waits until `isMet`, asked now and whenever a watcher is called. Rejects with RecoverableError at the timeout. */
export async function waitFor(
  watchers: Set<() => void>,
  isMet: () => boolean,
  { what, timeoutMs, signal }: { readonly what: string; readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<void> {
  signal?.throwIfAborted();
  if (isMet()) return;
  let stop: () => void = () => undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const watcher = (): void => {
        if (isMet()) resolve();
      };
      const onAbort = (): void =>
        reject(new RecoverableError(`waiting for ${what} was aborted`, { cause: signal?.reason }));
      const timer = setTimeout(
        () => reject(new RecoverableError(`no answer from ${what} within ${timeoutMs} ms`)),
        timeoutMs,
      );
      watchers.add(watcher);
      signal?.addEventListener('abort', onAbort);
      stop = () => {
        clearTimeout(timer);
        watchers.delete(watcher);
        signal?.removeEventListener('abort', onAbort);
      };
    });
  } finally {
    stop();
  }
}
