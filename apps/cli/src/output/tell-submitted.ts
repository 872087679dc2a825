import type { RunView } from '#contracts';
import type { CommandIo } from '../action/command-io.js';
import { EXIT, type ExitCode } from '../action/exit-codes.js';
import type { SkiplaneClient } from '../api-client/skiplane-client.js';
import { watchRun } from './watch-run.js';

export interface SubmittedOptions {
  readonly json: boolean;
  /** Show the progress until the run is over. */
  readonly watch: boolean;
}

/** Tells of a run that was submitted, in `words`, and watches it where that is asked for. */
export async function tellSubmitted(
  io: CommandIo,
  client: SkiplaneClient,
  run: RunView,
  words: string,
  { json, watch }: SubmittedOptions,
): Promise<ExitCode> {
  if (watch) {
    io.err(words);
    return watchRun(client, run.id, io, { json, journalFrom: 0 });
  }
  io.out(json ? JSON.stringify(run) : `${words}\nwatch it with: skiplane watch ${run.id}`);
  return EXIT.ok;
}
