import { isObject, type DatasetSpec } from '#contracts';

/** What the form holds. */
export interface DatasetFields {
  readonly name: string;
  readonly kind: DatasetSpec['kind'];
  readonly path: string;
  /** Further fields as the members of a JSON object; empty: none. */
  readonly settings: string;
}

/** The body of the request, or what is wrong with the settings. */
export function datasetBody({ name, kind, path, settings }: DatasetFields): { readonly name: string } | string {
  const fields = { name: name.trim(), kind, path: path.trim() };
  if (settings.trim() === '') return fields;
  try {
    const parsed: unknown = JSON.parse(settings);
    if (!isObject(parsed)) return 'An object is expected, such as { "split": { "validation": 0.1 } }';
    const double = Object.keys(fields).find((field) => field in parsed);
    return double === undefined ? { ...fields, ...parsed } : `“${double}” has a field of its own above`;
  } catch (error) {
    return `Not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** The other way round: a data set as the form shows it. */
export function datasetFields(name: string, { name: _reference, ...dataset }: DatasetSpec): DatasetFields {
  const { kind, path, ...settings } = dataset;
  return { name, kind, path, settings: Object.keys(settings).length === 0 ? '' : JSON.stringify(settings, null, 2) };
}
