import { withTimeLimit } from '../time-limit.js';
import { Patience, type Limits } from './patience.js';
import type { Transport } from './transport.js';

export interface PatientRequest<T> {
  /** Relative to the transport's location, for messages. */
  readonly path: string;
  readonly signal: AbortSignal | undefined;
  /** What a request carries takes its time as well. Default: `firstByteMs` of the limits. */
  readonly limitMs?: number;
  readonly ask: (stop: AbortSignal) => Promise<T>;
}

/** A request whose answer is short, until it succeeds. Rejects as Store does, and with AnswerError for what stays refused. */
export async function askPatiently<T>(
  transport: Transport,
  limits: Limits,
  { path, signal, limitMs = limits.firstByteMs, ask }: PatientRequest<T>,
): Promise<T> {
  const patience = new Patience(limits, `${transport.location}${path}`, transport);
  for (;;) {
    const abort = new AbortController();
    try {
      return await withTimeLimit('no answer', { limitMs, signal }, () => ask(abort.signal));
    } catch (error) {
      abort.abort();
      await patience.afterFailure(error, signal);
    }
  }
}
