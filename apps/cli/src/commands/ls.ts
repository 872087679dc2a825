import { Option, type Command } from 'commander';
import { RUN_STATES, type RunState, type RunSummary } from '#contracts';
import { clientCommand, runClientAction, type ClientFlags } from '../action/client-command.js';
import { wholeNumber } from '../flags/whole-number.js';
import type { CommandSetup } from '../action/command-io.js';
import { EXIT } from '../action/exit-codes.js';
import { shareDone } from '../output/progress-line.js';
import { formatAge, formatLoss, formatShare } from '../output/quantities.js';
import { table } from '../output/table.js';
import { tellUnreadable } from '../output/unreadable-records.js';

interface ListOptions extends ClientFlags {
  readonly state?: RunState;
  readonly limit: number;
}

/** `skiplane ls` */
export function listCommand(setup: CommandSetup): Command {
  return clientCommand('ls', 'list runs, the newest first', 'skiplane ls --state running --limit 5')
    .addOption(new Option('--state <state>', 'only runs in this state').choices(RUN_STATES))
    .option('--limit <n>', 'number of runs to list, at most 500', wholeNumber(1, 500), 20)
    .action((options: ListOptions) =>
      runClientAction(setup, options, async (client) => {
        const list = await client.runs({ state: options.state, limit: options.limit });
        if (options.json) setup.io.out(JSON.stringify(list));
        else setup.io.out(list.runs.length === 0 ? 'no runs' : runTable(list.runs, client.now()));
        if (!options.json) tellUnreadable(setup.io, list.unreadable);
        if (!options.json && list.total > list.runs.length)
          setup.io.err(`${list.runs.length} of ${list.total}: --limit shows more`);
        return EXIT.ok;
      }),
    );
}

function runTable(runs: readonly RunSummary[], now: number): string {
  return table(
    [
      { title: 'ID' },
      { title: 'NAME' },
      { title: 'STATE' },
      { title: 'DONE', right: true },
      { title: 'LOSS', right: true },
      { title: 'VAL', right: true },
      { title: 'WORKERS', right: true },
      { title: 'CREATED', right: true },
    ],
    runs.map((run) => [
      run.id,
      run.name,
      run.state,
      `${Math.floor(shareDone(run) * 100)} %`,
      formatLoss(run.progress.loss),
      formatShare(run.progress.valAccuracy),
      String(run.numWorkers),
      formatAge(run.createdAt, now),
    ]),
  );
}
