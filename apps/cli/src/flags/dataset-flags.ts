import { InvalidArgumentError, type Command } from 'commander';
import {
  DATASET_KINDS,
  datasetSchema,
  orientationSchema,
  RefusedInputError,
  type DatasetKind,
  type DatasetSpec,
} from '#contracts';
import { among, FlagTable, parsedBy, specFlag, type FlagValues } from './flag-table.js';
import { wholeNumber } from './whole-number.js';

/** What decides on the samples of a data set; what a run does with them is no flag. */
const TABLE = new FlagTable([
  specFlag('kind', '--kind <kind>', 'default: what the location looks like', among(DATASET_KINDS)),
  specFlag(
    'orientation',
    '--orientation <how>',
    'of images that say how they are turned; default: upright',
    among(orientationSchema.options),
  ),
  specFlag(
    'unreadable',
    '--unreadable <policy>',
    'refuse broken files, or leave them out (skip); default: refuse',
    among(['refuse', 'skip']),
  ),
  specFlag(
    'split.validation',
    '--validation-share <share>',
    'of every class, where there are no images for validation, e.g. 0.1',
    parsedBy(share),
  ),
  specFlag(
    'split.seed',
    '--validation-seed <n>',
    'another one takes other images; default: 0',
    parsedBy(wholeNumber(0, 0xffff_ffff)),
  ),
  specFlag('manifest', '--manifest <file>', 'manifest: the table, where there are several'),
  specFlag('columns.file', '--file-column <name>', 'manifest: default: file or file_name'),
  specFlag('columns.label', '--label-column <name>', 'manifest: default: label'),
  specFlag('columns.split', '--split-column <name>', 'manifest: default: split, which may be absent'),
  specFlag(
    'train',
    '--train-shards <names...>',
    'webdataset, parquet: e.g. train-{000..146}.tar; default: what train is in the name of',
  ),
  specFlag('validation', '--validation-shards <names...>', 'webdataset, parquet: default: what val is in the name of'),
  specFlag('labelField', '--label-field <name>', 'webdataset: field of .json; parquet: column; default: label'),
  specFlag('labels', '--labels <labels>', 'cifar100: default: fine', among(['fine', 'coarse'])),
]);

/** Adds the flags that say what a data set is. */
export function addDatasetFlags(command: Command): Command {
  return TABLE.addTo(command);
}

/** The flags that were given, as the user writes them. */
export function givenDatasetFlags(flags: FlagValues): readonly string[] {
  return TABLE.given(flags);
}

/**
 * The data set at a location that flags describe, as a run spec's `dataset`. The location is looked at where no flag names the kind.
 * Throws RefusedInputError naming every flag that does not fit.
 */
export async function datasetOf(path: string, flags: FlagValues, signal?: AbortSignal): Promise<DatasetSpec> {
  // Commander has compared it with the choices.
  const kind = (flags['kind'] as DatasetKind | undefined) ?? (await detected(path, signal));
  const parsed = datasetSchema.safeParse(TABLE.part(flags, { kind, path }));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [{ path: writtenAs(issue.path), message: issue.message }];
    return issue.keys.map((key) => ({
      path: writtenAs([...issue.path, key]),
      message: `means nothing for the kind ${kind}`,
    }));
  });
  throw new RefusedInputError(`${path} is of kind ${kind}`, faults);
}

async function detected(path: string, signal: AbortSignal | undefined): Promise<DatasetKind> {
  const { detectDatasetKind } = await import('#dataset');
  const { readStoreSettings } = await import('#stores');
  return await detectDatasetKind(path, { stores: readStoreSettings(process.env), ...(signal && { signal }) });
}

function writtenAs(path: readonly PropertyKey[]): string {
  return TABLE.writtenAs(path.map(String)) ?? path.join('.');
}

function share(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value < 1))
    throw new InvalidArgumentError('Expected a number between 0 and 1.');
  return value;
}
