import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { ProblemError, UnexpectedAnswerError, UnreachableError } from './api-errors.js';

/** The messages of one connection, until it ends or is silent for too long. */
export async function* messages(
  response: Response,
  connection: AbortController,
  idleTimeoutMs: number,
): AsyncGenerator<EventSourceMessage> {
  if (response.body === null) return;
  const arrived: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => arrived.push(message) });
  const decoder = new TextDecoder();
  const timer = setTimeout(
    () => connection.abort(new UnreachableError(`nothing came for ${Math.round(idleTimeoutMs / 1000)} s`)),
    idleTimeoutMs,
  );
  try {
    for await (const chunk of response.body) {
      timer.refresh();
      parser.feed(decoder.decode(chunk, { stream: true }));
      yield* arrived.splice(0);
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Throws what trying again does not mend: the stream was ended, its answer is not understood, or it is refused. */
export function throwUnlessLost(error: unknown, signal: AbortSignal): void {
  signal.throwIfAborted();
  if (error instanceof UnexpectedAnswerError) throw error;
  if (error instanceof ProblemError && error.problem.status < 500) throw error;
}

/** Waits, or returns at once when the signal is aborted. */
export function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, delayMs);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
