import type { Command } from 'commander';
import { clientCommand, runClientAction, type ClientFlags } from '../action/client-command.js';
import type { CommandSetup } from '../action/command-io.js';
import { EXIT } from '../action/exit-codes.js';
import { findRun } from '../api-client/find-run.js';

const VERBS = {
  cancel: 'end a run for good; its checkpoints stay',
  pause: 'stop a run after a checkpoint; resume goes on from there',
  resume: 'go on with a paused run',
} as const;

/** `skiplane cancel ID`, `skiplane pause ID` or `skiplane resume ID` */
export function steerCommand(verb: keyof typeof VERBS): (setup: CommandSetup) => Command {
  return (setup) =>
    clientCommand(verb, VERBS[verb], `skiplane ${verb} latest`)
      .argument('<run>', 'id, unique prefix or latest')
      .action((reference: string, options: ClientFlags) =>
        runClientAction(setup, options, async (client) => {
          const run = await client.steer((await findRun(client, reference)).id, verb);
          setup.io.out(options.json ? JSON.stringify(run) : `run ${run.id} is ${run.state}`);
          return EXIT.ok;
        }),
      );
}
