import { z } from 'zod';

const NAME = '[A-Za-z0-9][A-Za-z0-9._-]{0,63}';
const VERSION = '[1-9][0-9]{0,8}';

/** What a data set is called on a coordinator. */
export const datasetNameSchema = z
  .string()
  .regex(
    new RegExp(`^${NAME}$`),
    'is no name of a data set: letters, digits and . _ - only, at most 64, a letter or digit first',
  );

/** A named data set, and maybe one version of it: `imagenet`, `imagenet@2`. */
export const datasetReferenceSchema = z
  .string()
  .regex(
    new RegExp(`^${NAME}(?:@${VERSION})?$`),
    'names no data set: NAME or NAME@VERSION is expected; a path needs its kind beside it, { "kind": "image-folder", "path": "…" }',
  );

export interface DatasetReference {
  readonly name: string;
  /** Null: the newest. */
  readonly version: number | null;
}

/** Reads what `datasetReferenceSchema` has taken. */
export function parseDatasetReference(text: string): DatasetReference {
  const [name = '', version] = text.split('@');
  return { name, version: version === undefined ? null : Number(version) };
}

/** The other way round. */
export function datasetReferenceOf({ name, version }: DatasetReference): string {
  return version === null ? name : `${name}@${version}`;
}
