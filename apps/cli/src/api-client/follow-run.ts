import { TERMINAL_STATES, type RunEvent, type RunView } from '#contracts';
import { ProblemError, UnreachableError } from './api-errors.js';
import { runEvents, type RunEventsOptions } from './run-events.js';
import type { SkiplaneClient } from './skiplane-client.js';

export interface RunListener {
  onRun(run: RunView): void;
  onJournal(event: RunEvent): void;
  onLost(reason: string, retryInMs: number): void;
  onConnected(): void;
}

/** Follows a run to the state it never leaves and returns it then. Survives restarts of the coordinator. */
export async function followRun(
  client: SkiplaneClient,
  id: string,
  listener: RunListener,
  options: RunEventsOptions,
): Promise<RunView> {
  let run = await client.run(id, options.signal);
  listener.onRun(run);
  if (isOver(run)) return run;
  for await (const item of runEvents(client, id, options)) {
    switch (item.kind) {
      case 'connected':
        listener.onConnected();
        // The run may have ended while nobody listened, and the stream of an ended run may stay silent.
        run = (await currentRun(client, id, options.signal)) ?? run;
        listener.onRun(run);
        break;
      case 'lost':
        listener.onLost(item.reason, item.retryInMs);
        break;
      case 'journal':
        listener.onJournal(item.event);
        break;
      case 'progress':
        run = item.run;
        listener.onRun(run);
        break;
      case 'steps':
        break;
    }
    if (isOver(run)) return run;
  }
  return run;
}

function isOver(run: RunView): boolean {
  return TERMINAL_STATES.includes(run.state);
}

/** Null when the coordinator has just gone again: the stream breaks too, and its reconnect brings the run later. */
async function currentRun(client: SkiplaneClient, id: string, signal: AbortSignal): Promise<RunView | null> {
  try {
    return await client.run(id, signal);
  } catch (error) {
    if (error instanceof UnreachableError) return null;
    if (error instanceof ProblemError && error.problem.status >= 500) return null;
    throw error;
  }
}
