const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;
const STABLE_AFTER_MS = 60_000;

/** How long to wait before a process starts again: 1 s, doubling to 30 s, from the beginning after a minute of running. */
export function nextRestartDelay(previousDelayMs: number | undefined, ranMs: number): number {
  if (previousDelayMs === undefined || ranMs >= STABLE_AFTER_MS) return FIRST_DELAY_MS;
  return Math.min(previousDelayMs * 2, LONGEST_DELAY_MS);
}
