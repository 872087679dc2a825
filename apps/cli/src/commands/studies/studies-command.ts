import { Command, Option } from 'commander';
import { printable, type StudySummary } from '#contracts';
import { clientCommand, runClientAction, type ClientFlags } from '../../action/client-command.js';
import { wholeNumber } from '../../flags/whole-number.js';
import type { CommandSetup } from '../../action/command-io.js';
import { EXIT } from '../../action/exit-codes.js';
import { formatAge } from '../../output/quantities.js';
import { findStudy } from '../../api-client/find-study.js';
import { saveStudy } from '../study/save-study.js';
import { headline, resultTable, trialTable } from '../study/study-text.js';
import { table } from '../../output/table.js';
import { removeAll, type RemovalFlags } from '../life/remove-all.js';
import { tellUnreadable } from '../../output/unreadable-records.js';

interface ListOptions extends ClientFlags {
  readonly limit: number;
}

interface ShowOptions extends ClientFlags {
  readonly format?: 'markdown' | 'csv';
  readonly output?: string;
}

/** `skiplane studies ls|show|cancel|rm` */
export function studiesCommand(setup: CommandSetup): Command {
  const group = new Command('studies').description('list, show, cancel or delete studies; skiplane study submits one');
  for (const command of [listStudies(setup), showStudy(setup), cancelStudy(setup), removeStudies(setup)])
    group.addCommand(command);
  return group;
}

function listStudies(setup: CommandSetup): Command {
  return clientCommand('ls', 'list studies, the newest first', 'skiplane studies ls --limit 5')
    .option('--limit <n>', 'number of studies to list, at most 500', wholeNumber(1, 500), 20)
    .action((options: ListOptions) =>
      runClientAction(setup, options, async (client) => {
        const list = await client.studies({ limit: options.limit });
        if (options.json) setup.io.out(JSON.stringify(list));
        else setup.io.out(list.studies.length === 0 ? 'no studies' : studyTable(list.studies, client.now()));
        if (!options.json) tellUnreadable(setup.io, list.unreadable);
        return EXIT.ok;
      }),
    );
}

function showStudy(setup: CommandSetup): Command {
  return clientCommand(
    'show',
    'show a study: its runs and the table of their errors, mean ± deviation over the seeds',
    'skiplane studies show latest\nskiplane studies show latest --format markdown\nskiplane studies show latest -o results',
  )
    .argument('<study>', 'id, unique prefix or latest')
    .addOption(new Option('--format <format>', 'the table alone').choices(['markdown', 'csv']))
    .option('-o, --output <folder>', 'write the table (.md, .csv) and the figures (.svg) there')
    .action((reference: string, options: ShowOptions) =>
      runClientAction(setup, options, async (client) => {
        const { io } = setup;
        const study = await findStudy(client, reference);
        if (options.output !== undefined) {
          for (const path of await saveStudy(client, study, options.output)) io.err(`written: ${path}`);
        }
        if (options.json) io.out(JSON.stringify(await client.studyTable(study.id)));
        else if (options.format !== undefined)
          io.out((await client.studyTableText(study.id, options.format)).trimEnd());
        else {
          const result = resultTable(await client.studyTable(study.id));
          io.out([headline(study), '', trialTable(study), '', result].join('\n'));
        }
        return EXIT.ok;
      }),
    );
}

function cancelStudy(setup: CommandSetup): Command {
  return clientCommand('cancel', 'end a study and all its runs for good', 'skiplane studies cancel latest')
    .argument('<study>', 'id, unique prefix or latest')
    .action((reference: string, options: ClientFlags) =>
      runClientAction(setup, options, async (client) => {
        const study = await client.cancelStudy((await findStudy(client, reference)).id);
        setup.io.out(options.json ? JSON.stringify(study) : `study ${study.id} is ${study.state}`);
        return EXIT.ok;
      }),
    );
}

function removeStudies(setup: CommandSetup): Command {
  return clientCommand(
    'rm',
    'delete studies that are over, with all their runs',
    'skiplane studies rm 20261124-153012-4f9a --dry-run',
  )
    .argument('<studies...>', 'id, unique prefix or latest')
    .option('--yes', 'delete without asking', false)
    .option('--dry-run', 'show what would be deleted, and delete nothing', false)
    .action((references: readonly string[], options: RemovalFlags) =>
      runClientAction(setup, options, async (client) => {
        const ids: string[] = [];
        for (const reference of references) ids.push((await findStudy(client, reference)).id);
        const studies = [...new Set(ids)].map((id) => ({ kind: 'study', id }) as const);
        return removeAll(setup.io, client, studies, options);
      }),
    );
}

function studyTable(studies: readonly StudySummary[], now: number): string {
  return table(
    [
      { title: 'ID' },
      { title: 'NAME' },
      { title: 'STATE' },
      { title: 'FINISHED', right: true },
      { title: 'FAILED', right: true },
      { title: 'CREATED', right: true },
    ],
    studies.map((study) => [
      study.id,
      printable(study.name),
      study.state,
      `${study.numFinished}/${study.numRuns}`,
      String(study.numFailed),
      formatAge(study.createdAt, now),
    ]),
  );
}
