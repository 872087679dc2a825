import type { Command } from 'commander';
import { datasetListSchema, datasetViewSchema, type DatasetView } from '#contracts';
import { clientCommand, runClientAction, type ClientFlags } from '../../../action/client-command.js';
import type { CommandSetup } from '../../../action/command-io.js';
import { EXIT } from '../../../action/exit-codes.js';
import { tellUnreadable } from '../../../output/unreadable-records.js';
import { datasetPath } from './dataset-path.js';
import { datasetTable, datasetText } from './dataset-text.js';
import { watchSurvey } from './watch-survey.js';

const NAME = 'of a data set, as skiplane data list shows it';
const schema = datasetViewSchema;

interface SurveyFlags extends ClientFlags {
  readonly detach: boolean;
  readonly cancel: boolean;
}

/** `skiplane data list` */
export function listCommand(setup: CommandSetup): Command {
  return clientCommand('list', 'list the data sets that have names', 'skiplane data list')
    .alias('ls')
    .action((flags: ClientFlags) =>
      runClientAction(setup, flags, async (client) => {
        const list = await client.get('/v1/datasets', datasetListSchema);
        const none = 'no data set has a name: skiplane data add NAME PATH gives one';
        if (flags.json) setup.io.out(JSON.stringify(list));
        else setup.io.out(list.datasets.length === 0 ? none : datasetTable(list.datasets));
        if (!flags.json) tellUnreadable(setup.io, list.unreadable);
        return EXIT.ok;
      }),
    );
}

/** `skiplane data show NAME` */
export function showCommand(setup: CommandSetup): Command {
  return clientCommand(
    'show',
    'show the versions of a named data set, what its survey found, and the runs that name it',
    'skiplane data show imagenet\nskiplane data show imagenet --json | jq .content.classes',
  )
    .argument('<name>', NAME)
    .action((name: string, flags: ClientFlags) =>
      runClientAction(setup, flags, async (client) => {
        const view = await client.get(datasetPath(name), schema);
        setup.io.out(flags.json ? JSON.stringify(view) : datasetText(view));
        return EXIT.ok;
      }),
    );
}

/** `skiplane data survey NAME` */
export function surveyCommand(setup: CommandSetup): Command {
  return clientCommand(
    'survey',
    'survey a named data set again: what has changed is looked at, and is its next version',
    'skiplane data survey imagenet\nskiplane data survey imagenet --cancel',
  )
    .argument('<name>', NAME)
    .option('--cancel', 'end the survey that is under way; the next one goes on where it stopped', false)
    .option('--detach', 'do not wait for it', false)
    .action((name: string, flags: SurveyFlags) =>
      runClientAction(setup, flags, async (client) => {
        const { io } = setup;
        const path = datasetPath(name, flags.cancel ? '/survey/cancel' : '/survey');
        const view = await client.send('POST', path, { schema });
        if (!flags.cancel && !flags.detach) return watchSurvey(io, client, view, flags);
        io.out(flags.json ? JSON.stringify(view) : `${name}: ${view.survey.message}`);
        return EXIT.ok;
      }),
    );
}

/** `skiplane data remove NAME...` */
export function removeCommand(setup: CommandSetup): Command {
  return clientCommand(
    'remove',
    'take the names of data sets away; their files and the runs that named them stay',
    'skiplane data remove imagenet',
  )
    .alias('rm')
    .argument('<names...>', NAME)
    .action((names: readonly string[], flags: ClientFlags) =>
      runClientAction(setup, flags, async (client) => {
        const removed: DatasetView[] = [];
        for (const name of names) removed.push(await client.send('DELETE', datasetPath(name), { schema }));
        if (flags.json) setup.io.out(JSON.stringify({ datasets: removed }));
        else for (const { name, path } of removed) setup.io.out(`${name} is no name any more; ${path} stays as it is`);
        return EXIT.ok;
      }),
    );
}
