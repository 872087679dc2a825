import type { CheckContext, CheckPart, Finding } from './check-part.js';

export interface CheckResult extends Finding {
  readonly name: string;
  readonly title: string;
  readonly seconds: number;
}

export interface RunPartsOptions {
  /** Of all parts together; a part that would begin after it has failed. */
  readonly limitSeconds: number;
  /** Ends the part under way and all that would come. */
  readonly signal: AbortSignal;
  /** A part did not end by itself: what it may still be using cannot be used by the next. */
  readonly onAbandoned: (reason: string) => void;
}

/** Timers end up to a millisecond early. */
const LEAST_MS = 5;

/** Runs the parts one after the other, each within its own limit and what is left of the whole. Never rejects. */
export async function runParts(
  parts: readonly CheckPart[],
  context: CheckContext,
  options: RunPartsOptions,
): Promise<readonly CheckResult[]> {
  const deadline = performance.now() + options.limitSeconds * 1000;
  const results: CheckResult[] = [];
  for (const part of parts) {
    context.note(`${part.name}: ${part.title}`);
    const begun = performance.now();
    const finding = await runPart(part, context, options, Math.min(part.limitSeconds * 1000, deadline - begun));
    const seconds = Math.round((performance.now() - begun) / 100) / 10;
    context.note(`${part.name}: ${finding.status} after ${seconds} s: ${finding.detail}`);
    results.push({ name: part.name, title: part.title, seconds, ...finding });
  }
  return results;
}

async function runPart(
  part: CheckPart,
  context: CheckContext,
  { signal, limitSeconds, onAbandoned }: RunPartsOptions,
  limitMs: number,
): Promise<Finding> {
  if (signal.aborted) return { status: 'failed', detail: 'not begun: interrupted' };
  if (limitMs < LEAST_MS)
    return { status: 'failed', detail: `not begun: the ${limitSeconds} s of all parts are used up` };
  const stop = new AbortController();
  const giveUp = (reason: string) => (): void => stop.abort(new Error(reason));
  const onInterrupt = giveUp('interrupted');
  const timer = setTimeout(giveUp(`took longer than ${Math.round(limitMs / 1000)} s`), limitMs);
  signal.addEventListener('abort', onInterrupt, { once: true });
  const ended = new Promise<never>((_, reject) => {
    stop.signal.addEventListener('abort', () => reject(stop.signal.reason as Error), { once: true });
  });
  try {
    return await Promise.race([part.run(context, stop.signal), ended]);
  } catch (error) {
    if (stop.signal.aborted) onAbandoned(`${part.name} ${textOf(stop.signal.reason)}`);
    return { status: 'failed', detail: textOf(stop.signal.aborted ? stop.signal.reason : error) };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onInterrupt);
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
