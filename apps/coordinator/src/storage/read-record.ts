import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { migrated, RefusedInputError, type RecordVersions } from '#contracts';
import { z } from 'zod';
import { errorCode } from '#files';

/** A file of a record is there and cannot be read; the message says which and why. It must be left as it is. */
export class UnreadableRecordError extends Error {
  override readonly name = 'UnreadableRecordError';
}

/**
 * Reads a record that may be of an older version.
 * @throws UnreadableRecordError, or the file system's error where there is none.
 */
export async function readRecordFile<T>(path: string, schema: z.ZodType<T>, versions: RecordVersions): Promise<T> {
  const name = basename(path);
  try {
    const parsed = schema.safeParse(migrated(name, JSON.parse(await readFile(path, 'utf8')), versions));
    if (parsed.success) return parsed.data;
    throw new RefusedInputError(`${name} is no record: ${faultsOf(parsed.error)}`);
  } catch (error) {
    throw unreadable(name, error);
  }
}

/** The error as one of an unreadable record; as it is where the file is away. */
export function unreadable(name: string, error: unknown): unknown {
  if (error instanceof RefusedInputError) return new UnreadableRecordError(error.message, { cause: error });
  if (error instanceof SyntaxError)
    return new UnreadableRecordError(`${name} is cut off or damaged: it is no JSON`, { cause: error });
  const code = errorCode(error);
  if (code === undefined || code === 'ENOENT') return error;
  return new UnreadableRecordError(CODES[code]?.(name) ?? `${name} cannot be read (${code})`, { cause: error });
}

const CODES: Readonly<Record<string, (name: string) => string>> = {
  EISDIR: (name) => `${name} is a folder`,
  ENOTDIR: () => 'its folder is a file',
  EACCES: (name) => `${name} may not be read by this user`,
};

const MOST_FAULTS = 3;

function faultsOf({ issues }: z.ZodError): string {
  const words = issues.slice(0, MOST_FAULTS).map(({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`);
  const others = issues.length - words.length;
  return words.join('; ') + (others > 0 ? `; and ${others} more` : '');
}
