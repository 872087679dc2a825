import type { TrainingStack } from '../support/training-stack.js';

const QUIET_MS = 5_000;

/** What a run's event stream tells, until it says `wanted` or for five seconds. */
export async function runJournal(world: TrainingStack, id: string, wanted: string): Promise<string> {
  const stop = new AbortController();
  const response = await fetch(`${world.stack.url}/v1/runs/${id}/events`, {
    signal: stop.signal,
    headers: { 'last-event-id': '0' },
  });
  const decoder = new TextDecoder();
  let text = '';
  const timeout = setTimeout(() => stop.abort(), QUIET_MS);
  try {
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      if (text.includes(wanted)) break;
    }
  } catch {
    // The stream never ends by itself.
  } finally {
    clearTimeout(timeout);
    stop.abort();
  }
  return text;
}
