import { Option, type Command } from 'commander';
import { RUN_SORTS, RUN_STATES, type RunSort, type RunState, type RunSummary } from '#contracts';
import { clientCommand, runClientAction, type ClientFlags } from '../action/client-command.js';
import { wholeNumber } from '../flags/whole-number.js';
import type { CommandSetup } from '../action/command-io.js';
import { EXIT } from '../action/exit-codes.js';
import { shareDone } from '../output/progress-line.js';
import { formatAge, formatLoss, formatShare } from '../output/quantities.js';
import { table } from '../output/table.js';
import { tellUnreadable } from '../output/unreadable-records.js';

interface ListOptions extends ClientFlags {
  readonly state?: RunState[];
  readonly tag?: string[];
  readonly where?: string[];
  readonly archived?: boolean;
  readonly sort?: RunSort;
  readonly offset?: number;
  readonly limit: number;
}

/** `skiplane ls` */
export function listCommand(setup: CommandSetup): Command {
  const example = "skiplane ls birds --state finished --where 'optimizer.learningRate<0.1' --sort accuracy";
  return clientCommand('ls', 'list and search runs', example)
    .argument('[words...]', 'only runs that have all of them in name, id, tags or notes')
    .addOption(new Option('--state <state...>', 'only runs in one of these states').choices(RUN_STATES))
    .option('--tag <tag...>', 'only runs with all of these tags')
    .option('--where <condition...>', 'only runs whose spec fulfils it: a dotted field, one of = != < <= > >=, a value')
    .option('--archived', 'only runs that are archived; without it only those that are not')
    .addOption(new Option('--sort <order>', 'the first on top (default: created)').choices(RUN_SORTS))
    .option('--offset <n>', 'number of runs to pass over', wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .option('--limit <n>', 'number of runs to list, at most 500', wholeNumber(1, 500), 20)
    .action((words: string[], options: ListOptions) =>
      runClientAction(setup, options, async (client) => {
        const { state, tag, where, archived, sort, offset, limit } = options;
        const q = words.length === 0 ? undefined : words.join(' ');
        const list = await client.runs({
          q,
          state,
          tag,
          where,
          archived: archived === true ? 'true' : undefined,
          sort,
          offset,
          limit,
        });
        if (options.json) setup.io.out(JSON.stringify(list));
        else setup.io.out(list.runs.length === 0 ? 'no runs' : runTable(list.runs, client.now()));
        if (!options.json) tellUnreadable(setup.io, list.unreadable);
        if (!options.json && list.total > list.runs.length)
          setup.io.err(`${list.runs.length} of ${list.total}: --limit and --offset show more`);
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
      { title: 'TAGS' },
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
      run.tags.join(' '),
    ]),
  );
}
