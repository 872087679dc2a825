import { setTimeout as delay } from 'node:timers/promises';
import { FileLock, type LockOptions } from './file-lock.js';

/** Another process holds the lock and did not let go in time. */
export class LockTimeoutError extends Error {
  override readonly name = 'LockTimeoutError';
}

export interface LockWaitOptions extends LockOptions {
  /** How long to wait for another holder, milliseconds. */
  readonly timeoutMs: number;
  /** Called once, when there is somebody to wait for, with words such as `process 42 on host`. */
  readonly onWait?: (holder: string) => void;
  readonly signal?: AbortSignal;
}

const POLL_MS = 200;

/** Runs `body` while holding the lock file, waiting for another process that holds it. Throws LockTimeoutError. */
export async function withLock<T>(path: string, options: LockWaitOptions, body: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + options.timeoutMs;
  let told = false;
  for (;;) {
    options.signal?.throwIfAborted();
    const held = await FileLock.take(path, options);
    if (typeof held !== 'string') {
      try {
        return await body();
      } finally {
        await held.release();
      }
    }
    if (!told) options.onWait?.(held);
    told = true;
    if (performance.now() >= deadline) {
      throw new LockTimeoutError(
        `${held} has held ${path} for longer than ${options.timeoutMs / 1000} s. If it hangs, stop it and try again.`,
      );
    }
    await delay(POLL_MS, undefined, options.signal ? { signal: options.signal } : {});
  }
}
