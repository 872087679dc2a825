const FIRST_MS = 50;
const LONGEST_MS = 1_000;

/** Milliseconds to wait before connection attempt `attempt` (from 0): doubling from 50 ms to 1 s, half of it random. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return full * (0.5 + 0.5 * random());
}
