import { setTimeout as delay } from 'node:timers/promises';
import { endOfLog } from './end-of-log.js';

export interface ReadyWait {
  /** Answers 2xx when ready. */
  readonly url: string;
  /** With it the answer says what it still waits for. */
  readonly apiKey: string | undefined;
  readonly timeoutMs: number;
  readonly logFile: string;
  /** Says in words that the process is gone, which ends the wait. */
  readonly hasFailed: () => string | undefined;
  readonly signal?: AbortSignal;
}

const POLL_MS = 100;
const ASK_TIMEOUT_MS = 5_000;

/** Waits until the coordinator says that it is ready. @throws Error with its last answer and the end of its log. */
export async function waitUntilReady(wait: ReadyWait): Promise<void> {
  const deadline = performance.now() + wait.timeoutMs;
  let last = 'no answer';
  while (performance.now() < deadline) {
    wait.signal?.throwIfAborted();
    const failed = wait.hasFailed();
    if (failed !== undefined) throw new Error(`the coordinator ${failed}. ${await endOfLog(wait.logFile)}`);
    try {
      const response = await fetch(wait.url, {
        headers: wait.apiKey === undefined ? {} : { Authorization: `Bearer ${wait.apiKey}` },
        signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
      });
      const text = await response.text();
      if (response.ok) return;
      last = `HTTP ${response.status} ${text.slice(0, 500)}`;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    await delay(POLL_MS);
  }
  throw new Error(
    `the coordinator was not ready within ${wait.timeoutMs / 1000} s (${last}). ${await endOfLog(wait.logFile)}`,
  );
}
