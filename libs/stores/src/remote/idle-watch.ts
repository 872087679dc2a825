import { RecoverableError } from '#contracts';

/**
 * The pieces of a body as they come. A body that brings nothing for so long ends with RecoverableError, and `stop` is called: it
 * lets go of the connection.
 */
export async function* watchBody(
  body: AsyncIterable<Uint8Array>,
  {
    idleMs,
    signal,
    stop,
  }: { readonly idleMs: number; readonly signal?: AbortSignal | undefined; readonly stop: () => void },
): AsyncIterable<Uint8Array> {
  let refuse: (reason: Error) => void = () => undefined;
  const ended = new Promise<never>((_, reject) => {
    refuse = reject;
  });
  ended.catch(() => undefined);
  const timer = setTimeout(
    () => refuse(new RecoverableError(`nothing came for ${idleMs / 1000} s in the middle of a file`)),
    idleMs,
  );
  const onAbort = (): void => refuse(signal?.reason as Error);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const pieces = body[Symbol.asyncIterator]();
    for (;;) {
      const piece = await Promise.race([pieces.next(), ended]);
      timer.refresh();
      if (piece.done === true) return;
      yield piece.value;
      timer.refresh();
    }
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    stop();
  }
}
