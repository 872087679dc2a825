import type { Command } from 'commander';
import { clientCommand, runClientAction, type ClientFlags } from '../action/client-command.js';
import type { CommandSetup } from '../action/command-io.js';
import { findRun } from '../api-client/find-run.js';
import { watchRun } from '../output/watch-run.js';

/** `skiplane watch ID` */
export function watchCommand(setup: CommandSetup): Command {
  return clientCommand(
    'watch',
    'show the progress of a run until it is over; Ctrl-C leaves the run running',
    'skiplane watch latest',
  )
    .argument('<run>', 'id, unique prefix or latest')
    .action((reference: string, options: ClientFlags) =>
      runClientAction(setup, options, async (client) => {
        const run = await findRun(client, reference);
        setup.io.err(`run ${run.id}: ${run.spec.name}`);
        return watchRun(client, run.id, setup.io, { json: options.json, journalFrom: client.now() });
      }),
    );
}
