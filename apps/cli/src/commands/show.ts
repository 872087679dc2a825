import type { Command } from 'commander';
import {
  clientCommand,
  runClientCommand,
  type ClientCommandSetup,
  type ClientOptions,
} from '../action/client-command.js';
import { EXIT } from '../action/exit-codes.js';
import { findRun } from '../api-client/find-run.js';
import { runDetails } from '../output/run-summary.js';

/** `skiplane show ID` */
export function showCommand(setup: ClientCommandSetup): Command {
  return clientCommand('show', 'show all that is known of a run', 'skiplane show latest --json | jq .ledger')
    .argument('<run>', 'id, its unique beginning, or latest')
    .action((reference: string, options: ClientOptions) =>
      runClientCommand(setup, options, async (client) => {
        const run = await findRun(client, reference);
        setup.io.out(options.json ? JSON.stringify(run) : runDetails(run));
        return EXIT.ok;
      }),
    );
}
