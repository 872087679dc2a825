import { RefusedInputError } from '../errors.js';

/** A file was written by a Skiplane that came later: it is not damaged, and must not be replaced. */
export class NewerVersionError extends RefusedInputError {
  override readonly name = 'NewerVersionError';
}

type Fields = Readonly<Record<string, unknown>>;

/** The versions of a kind of file that are read. A file says its own in its field `version`. */
export interface RecordVersions {
  /** The one that is written. */
  readonly current: number;
  /** By version: what makes the next one of it. A version without is read no more. */
  readonly migrations: Readonly<Record<number, (fields: Fields) => Fields>>;
}

/**
 * What a file would hold had it been written today.
 * @param name of the file, for what is said of it
 * @throws NewerVersionError, or RefusedInputError where it says no version that is read.
 */
export function migrated(name: string, content: unknown, { current, migrations }: RecordVersions): Fields {
  if (!isFields(content)) throw new RefusedInputError(`${name} is no JSON object`);
  const { version } = content;
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1)
    throw new RefusedInputError(`${name} is no record of Skiplane: it says no version`);
  if (version > current)
    throw new NewerVersionError(
      `${name} was written by a newer Skiplane (version ${version}, this one knows ${current})`,
    );
  let fields = content;
  for (let from = version; from < current; from += 1) {
    const migrate = migrations[from];
    if (migrate === undefined)
      throw new RefusedInputError(
        `${name} has version ${version}, which is read no more: this Skiplane writes ${current}`,
      );
    fields = { ...migrate(fields), version: from + 1 };
  }
  return fields;
}

function isFields(content: unknown): content is Fields {
  return typeof content === 'object' && content !== null && !Array.isArray(content);
}
