import { resolve } from 'node:path';
import type { Command } from 'commander';
import {
  augmentationSchema,
  datasetNameSchema,
  datasetViewSchema,
  isRemote,
  newDatasetSchema,
  RefusedInputError,
} from '#contracts';
import { clientCommand, runClientAction, type ClientFlags } from '../../../action/client-command.js';
import type { CommandSetup } from '../../../action/command-io.js';
import { EXIT } from '../../../action/exit-codes.js';
import { addDatasetFlags, datasetOf } from '../../../flags/dataset-flags.js';
import { among, FlagTable, specFlag, type FlagValues } from '../../../flags/flag-table.js';
import { datasetPath } from './dataset-path.js';
import { watchSurvey } from './watch-survey.js';

/** What runs do with the samples that do not say otherwise. */
const TRAINING = new FlagTable([
  specFlag('shuffle', '--shuffle <order>', 'of an epoch in runs; default: global', among(['global', 'blocks'])),
  specFlag('balance', '--balance <what>', 'of an epoch in runs; default: none', among(['none', 'classes'])),
  specFlag('augmentation', '--augmentation <kind>', 'in runs; default: by network', among(augmentationSchema.options)),
]);

type AddFlags = ClientFlags & FlagValues & { readonly replace: boolean; readonly detach: boolean };

/** `skiplane data add NAME PATH` */
export function addCommand(setup: CommandSetup): Command {
  const command = clientCommand(
    'add',
    'give a data set a name on the coordinator, which surveys it once; runs say "dataset": "NAME"',
    [
      'skiplane data add imagenet /data/imagenet',
      'skiplane data add pets s3://bucket/pets --kind webdataset --validation-share 0.1 --shuffle blocks',
      'skiplane data add imagenet /ssd/imagenet --replace',
    ].join('\n'),
  )
    .argument('<name>', 'letters, digits and . _ -, at most 64')
    .argument('<path>', 'a folder as the coordinator sees it, https://… or s3://…');
  return TRAINING.addTo(addDatasetFlags(command))
    .option('--replace', 'put a name that is taken to this place; other samples become its next version', false)
    .option('--detach', 'do not wait for the survey', false)
    .action((name: string, path: string, flags: AddFlags) =>
      runClientAction(setup, flags, async (client) => {
        refuseNoName(name);
        const place = isRemote(path) ? path : resolve(path);
        const dataset = TRAINING.part(flags, await datasetOf(place, flags));
        const schema = datasetViewSchema;
        const view = flags.replace
          ? await client.send('PUT', datasetPath(name), { body: dataset, schema })
          : await client.send('POST', '/v1/datasets', { body: newDatasetSchema.parse({ ...dataset, name }), schema });
        if (!flags.detach) return watchSurvey(setup.io, client, view, flags);
        setup.io.out(flags.json ? JSON.stringify(view) : `${name}: its survey goes on; skiplane data show ${name}`);
        return EXIT.ok;
      }),
    );
}

function refuseNoName(name: string): void {
  const [issue] = datasetNameSchema.safeParse(name).error?.issues ?? [];
  if (issue === undefined) return;
  throw new RefusedInputError('the data set cannot be called so', [{ path: 'name', message: issue.message }]);
}
