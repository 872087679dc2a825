/** How long a wait may take, and what its failure says. */
export interface Wait {
  readonly what?: string;
  /** Default 15 000; it only ends a test that has failed. */
  readonly timeoutMs?: number;
  /** Default 20. */
  readonly everyMs?: number;
}

/** Asks until the answer holds. What `ask` or `holds` throws ends the wait. */
export async function until<T>(
  ask: () => T | Promise<T>,
  holds: (answer: T) => boolean,
  { what = '', timeoutMs = 15_000, everyMs = 20 }: Wait = {},
): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
    if (performance.now() > end) {
      throw new Error(`waited ${what && `for ${what} `}in vain, the last answer was ${JSON.stringify(answer)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
