import { z } from 'zod';
import { logListSchema, logTailSchema, type LogList, type LogTail } from '#contracts';
import { UnexpectedAnswerError, UnreachableError } from './api-errors.js';
import { messages, pause, throwUnlessLost } from './event-messages.js';
import type { SkiplaneClient } from './skiplane-client.js';

const linesSchema = z.array(z.string());
const RETRY_MS = 1_000;
/** The coordinator writes at least every 15 s. */
const IDLE_TIMEOUT_MS = 45_000;

export function logList(client: SkiplaneClient): Promise<LogList> {
  return client.get('/v1/logs', logListSchema);
}

/** The last lines of a log, and where they end. */
export function logTail(client: SkiplaneClient, name: string, lines: number): Promise<LogTail> {
  return client.get(`${pathOf(name)}?lines=${lines}`, logTailSchema);
}

export interface LogStreamOptions {
  /** Position of an answer. */
  readonly from: string;
  /** Ends the stream: it throws the signal's reason. */
  readonly signal: AbortSignal;
  /** The connection broke; it is tried again, for as long as it takes. */
  readonly onLost: (reason: string) => void;
}

/** Lines as they are written, each once: a reconnect goes on where the last one ended. A refusal (wrong key, no such log) is thrown. */
export async function* logStream(
  client: SkiplaneClient,
  name: string,
  { from, signal, onLost }: LogStreamOptions,
): AsyncGenerator<readonly string[], never> {
  let position = from;
  for (;;) {
    const connection = new AbortController();
    let reason = 'the coordinator closed the stream';
    try {
      const path = `${pathOf(name)}/follow`;
      const response = await client.stream(path, position, AbortSignal.any([signal, connection.signal]));
      for await (const message of messages(response, connection, IDLE_TIMEOUT_MS)) {
        if (message.event !== 'lines') continue;
        yield linesOf(message.data);
        position = message.id ?? position;
      }
    } catch (error) {
      throwUnlessLost(error, signal);
      reason = error instanceof UnreachableError ? error.message : 'the connection broke';
    } finally {
      connection.abort();
    }
    onLost(reason);
    await pause(RETRY_MS, signal);
    signal.throwIfAborted();
  }
}

function linesOf(data: string): readonly string[] {
  const lines = linesSchema.safeParse(JSON.parse(data));
  if (lines.success) return lines.data;
  throw new UnexpectedAnswerError('the lines of the log are not understood', { cause: lines.error });
}

function pathOf(name: string): string {
  return `/v1/logs/${encodeURIComponent(name)}`;
}
