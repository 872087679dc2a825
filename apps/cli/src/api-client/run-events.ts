import type { EventSourceMessage } from 'eventsource-parser';
import { z } from 'zod';
import {
  runEventSchema,
  runViewSchema,
  stepMetricsSchema,
  type RunEvent,
  type RunView,
  type StepMetrics,
} from '#contracts';
import { ProblemError, UnexpectedAnswerError, UnreachableError } from './api-errors.js';
import { messages, pause, throwUnlessLost } from './event-messages.js';
import type { SkiplaneClient } from './skiplane-client.js';

/** What a run's event stream yields. */
export type StreamItem =
  | { readonly kind: 'connected' }
  /** The connection broke; it is tried again after `retryInMs`. */
  | { readonly kind: 'lost'; readonly reason: string; readonly retryInMs: number }
  | { readonly kind: 'journal'; readonly event: RunEvent }
  | { readonly kind: 'progress'; readonly run: RunView }
  | { readonly kind: 'steps'; readonly steps: readonly StepMetrics[] };

export interface RunEventsOptions {
  /** Ends the stream: it throws the signal's reason. */
  readonly signal: AbortSignal;
  /** Wait before the first reconnect; it doubles up to `maxDelayMs`. Defaults 250 and 5,000. */
  readonly firstDelayMs?: number;
  readonly maxDelayMs?: number;
  /** A stream silent for so long is taken for dead; the coordinator writes at least every 15 s. Default 45,000. */
  readonly idleTimeoutMs?: number;
  /** How long to go on trying without an answer before UnreachableError. Default 10 minutes. */
  readonly giveUpAfterMs?: number;
}

/**
 * Reads a run's events for as long as the caller goes on asking: reconnects with Last-Event-ID when the coordinator
 * restarts, so every journal line comes once. A refusal (unknown run, wrong key) is thrown.
 */
export async function* runEvents(
  client: SkiplaneClient,
  id: string,
  options: RunEventsOptions,
): AsyncGenerator<StreamItem, never> {
  const { signal, firstDelayMs = 250, maxDelayMs = 5_000, idleTimeoutMs = 45_000, giveUpAfterMs = 600_000 } = options;
  let lastEventId: string | undefined;
  let delayMs = firstDelayMs;
  let lastAnswerAt = performance.now();
  for (;;) {
    let reason = 'the coordinator closed the stream';
    let isConnected = false;
    // Also stops the connection when the caller leaves the loop early.
    const connection = new AbortController();
    try {
      const response = await client.events(id, lastEventId, AbortSignal.any([signal, connection.signal]));
      isConnected = true;
      yield { kind: 'connected' };
      for await (const message of messages(response, connection, idleTimeoutMs)) {
        delayMs = firstDelayMs;
        lastAnswerAt = performance.now();
        if (message.id !== undefined) lastEventId = message.id;
        const item = parseMessage(message);
        if (item !== null) yield item;
      }
    } catch (error) {
      throwUnlessLost(error, signal);
      // What breaks a body has only the HTTP client's word for a reason (`terminated`).
      const isOurs = error instanceof UnreachableError || error instanceof ProblemError;
      reason = isConnected && !isOurs ? 'the connection broke' : error instanceof Error ? error.message : String(error);
    } finally {
      connection.abort();
    }
    signal.throwIfAborted();
    if (performance.now() - lastAnswerAt > giveUpAfterMs) {
      throw new UnreachableError(`no answer for ${Math.round(giveUpAfterMs / 1000)} s: ${reason}`);
    }
    yield { kind: 'lost', reason, retryInMs: delayMs };
    await pause(delayMs, signal);
    delayMs = Math.min(maxDelayMs, delayMs * 2);
  }
}

function parseMessage(message: EventSourceMessage): StreamItem | null {
  switch (message.event) {
    case 'journal':
      return { kind: 'journal', event: parse(runEventSchema, message) };
    case 'progress':
      return { kind: 'progress', run: parse(runViewSchema, message) };
    case 'steps':
      return { kind: 'steps', steps: parse(z.array(stepMetricsSchema), message) };
    case undefined:
    default:
      // Keep-alives, and what a later version may add.
      return null;
  }
}

function parse<T>(schema: z.ZodType<T>, message: EventSourceMessage): T {
  try {
    return schema.parse(JSON.parse(message.data));
  } catch (error) {
    const words = error instanceof z.ZodError ? z.prettifyError(error).replaceAll('\n', ' ') : String(error);
    throw new UnexpectedAnswerError(`event ${message.event} of the stream is not understood: ${words}`, {
      cause: error,
    });
  }
}
