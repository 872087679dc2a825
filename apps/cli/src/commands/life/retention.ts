import type { Command } from 'commander';
import { printable, type DueRun, type RetentionView } from '#contracts';
import { clientCommand, runClientAction, type ClientFlags } from '../../action/client-command.js';
import type { CommandSetup } from '../../action/command-io.js';
import { EXIT } from '../../action/exit-codes.js';
import { wholeNumber } from '../../flags/whole-number.js';
import { formatAge, formatDuration } from '../../output/quantities.js';
import { table } from '../../output/table.js';

interface RetentionOptions extends ClientFlags {
  readonly limit: number;
}

/** `skiplane retention` */
export function retentionCommand(setup: CommandSetup): Command {
  return clientCommand(
    'retention',
    'show which runs SKIPLANE_RETENTION of the coordinator deletes, and when; nothing is deleted by asking',
    'skiplane retention --limit 5',
  )
    .option('--limit <n>', 'number of runs to list, at most 500', wholeNumber(1, 500), 20)
    .action((options: RetentionOptions) =>
      runClientAction(setup, options, async (client) => {
        const view = await client.retention({ limit: options.limit });
        setup.io.out(options.json ? JSON.stringify(view) : retentionText(view, client.now()));
        if (!options.json && view.total > view.runs.length)
          setup.io.err(`${view.runs.length} of ${view.total}: --limit shows more`);
        return EXIT.ok;
      }),
    );
}

function retentionText({ rules, runs, numExempt }: RetentionView, now: number): string {
  if (rules.length === 0) return 'nothing is deleted: SKIPLANE_RETENTION of the coordinator is not set';
  const words = rules.map(({ state, afterMs }) => `${state} after ${formatDuration(afterMs / 1000)}`);
  return [
    `deleted: ${words.join(', ')}`,
    ...(numExempt > 0 ? [`kept: ${numExempt}, archived or tagged keep`] : []),
    runs.length === 0 ? 'no run is waiting to be deleted' : dueTable(runs, now),
  ].join('\n');
}

function dueTable(runs: readonly DueRun[], now: number): string {
  return table(
    [{ title: 'ID' }, { title: 'NAME' }, { title: 'STATE' }, { title: 'ENDED', right: true }, { title: 'DELETED' }],
    runs.map(({ id, name, state, finishedAt, deletedAt, obstacle }) => [
      id,
      printable(name),
      state,
      formatAge(finishedAt, now),
      obstacle ?? (deletedAt <= now ? 'by the next look' : `in ${formatDuration((deletedAt - now) / 1000)}`),
    ]),
  );
}
