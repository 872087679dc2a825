import type { Command } from 'commander';
import {
  clientCommand,
  runClientCommand,
  type ClientCommandSetup,
  type ClientOptions,
} from '../action/client-command.js';
import { EXIT } from '../action/exit-codes.js';
import { findRun } from '../api-client/find-run.js';

const VERBS = {
  cancel: 'end a run for good; its checkpoints stay',
  pause: 'stop a run after a checkpoint; resume goes on from there',
  resume: 'go on with a paused run',
} as const;

/** `skiplane cancel ID`, `skiplane pause ID`, `skiplane resume ID` */
export function steerCommands(setup: ClientCommandSetup): readonly Command[] {
  return (['cancel', 'pause', 'resume'] as const).map((verb) =>
    clientCommand(verb, VERBS[verb], `skiplane ${verb} latest`)
      .argument('<run>', 'id, its unique beginning, or latest')
      .action((reference: string, options: ClientOptions) =>
        runClientCommand(setup, options, async (client) => {
          const run = await client.steer((await findRun(client, reference)).id, verb);
          setup.io.out(options.json ? JSON.stringify(run) : `run ${run.id} is ${run.state}`);
          return EXIT.ok;
        }),
      ),
  );
}
