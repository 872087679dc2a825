import type { Command } from 'commander';
import { clientCommand, runClientAction, type ClientFlags } from '../action/client-command.js';
import type { CommandSetup } from '../action/command-io.js';
import { EXIT } from '../action/exit-codes.js';
import { findRun } from '../api-client/find-run.js';
import { runDetails } from '../output/run-summary.js';

/** `skiplane show ID` */
export function showCommand(setup: CommandSetup): Command {
  return clientCommand('show', 'show all that is known of a run', 'skiplane show latest --json | jq .ledger')
    .argument('<run>', 'id, unique prefix or latest')
    .action((reference: string, options: ClientFlags) =>
      runClientAction(setup, options, async (client) => {
        const run = await findRun(client, reference);
        setup.io.out(options.json ? JSON.stringify(run) : runDetails(run));
        return EXIT.ok;
      }),
    );
}
