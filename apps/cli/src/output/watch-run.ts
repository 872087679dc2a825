import { printableMessage, type RunEvent, type RunState, type RunView } from '#contracts';
import type { CommandIo } from '../action/command-io.js';
import { EXIT, type ExitCode } from '../action/exit-codes.js';
import { followRun } from '../api-client/follow-run.js';
import { progressDisplay, type ProgressDisplayOptions } from './progress-display.js';
import type { RunEventsOptions } from '../api-client/run-events.js';
import { runSummary } from './run-summary.js';
import type { SkiplaneClient } from '../api-client/skiplane-client.js';

export interface WatchOptions extends Omit<RunEventsOptions, 'signal'>, ProgressDisplayOptions {
  /** True: the last line of stdout is the run as JSON instead of a summary. */
  readonly json: boolean;
  /** Journal lines older than this (milliseconds since 1970, by the coordinator's clock) are not shown. */
  readonly journalFrom: number;
  /** Is told of every state of the run that came, also of those that are not drawn. */
  readonly onRun?: (run: RunView) => void;
}

/** Shows a run until it is over, or until Ctrl-C, which leaves it running. Returns the exit code. */
export async function watchRun(
  client: SkiplaneClient,
  id: string,
  io: CommandIo,
  options: WatchOptions,
): Promise<ExitCode> {
  using interrupts = io.interrupts();
  let run: RunView;
  try {
    run = await showRun(client, id, io, { ...options, signal: interrupts.signal });
  } catch (error) {
    if (!interrupts.signal.aborted) throw error;
    io.err(`detached: the run goes on. Watch it again with: skiplane watch ${id}`);
    return EXIT.interrupted;
  }
  io.out(options.json ? JSON.stringify(run) : runSummary(run));
  return exitCodeOf(run.state);
}

/** Draws a run's progress until it is over and returns it; throws when the signal aborts. */
export async function showRun(
  client: SkiplaneClient,
  id: string,
  io: CommandIo,
  options: Omit<WatchOptions, 'json'> & { readonly signal: AbortSignal },
): Promise<RunView> {
  using display = progressDisplay(io, options);
  let isLost = false;
  const listener = {
    onRun: (run: RunView) => {
      display.show(run);
      options.onRun?.(run);
    },
    onJournal: (event: RunEvent) => {
      if (event.at >= options.journalFrom) display.note(journalLine(event));
    },
    onLost: (reason: string) => {
      // Said once, not at every try.
      if (!isLost) display.note(`connection lost (${printableMessage(reason)}); the run goes on, trying again ...`);
      isLost = true;
    },
    onConnected: () => {
      if (isLost) display.note('connected again');
      isLost = false;
    },
  };
  return followRun(client, id, listener, options);
}

function journalLine(event: RunEvent): string {
  const time = new Date(event.at).toTimeString().slice(0, 8);
  const level = event.level === 'info' ? '' : `${event.level}: `;
  return `${time}  ${level}${printableMessage(event.message)}`;
}

function exitCodeOf(state: RunState): ExitCode {
  if (state === 'failed') return EXIT.runFailed;
  return state === 'cancelled' ? EXIT.cancelled : EXIT.ok;
}
