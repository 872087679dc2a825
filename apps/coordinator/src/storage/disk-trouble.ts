import { RefusedInputError } from '#contracts';
import { errorCode } from '#files';

const TROUBLES: Readonly<Record<string, string>> = {
  ENOSPC: 'is full',
  EDQUOT: 'is over its quota',
  EROFS: 'is read-only',
};

/** What an error says of the whole disk, in words such as `is full`; undefined where it is about something else. */
export function diskTrouble(error: unknown): string | undefined {
  return TROUBLES[errorCode(error) ?? ''];
}

/** The error that keeps a coordinator from starting, in words where it is the disk. */
export function startFault(error: unknown, dataDirectory: string): unknown {
  const trouble = diskTrouble(error);
  if (trouble === undefined) return error;
  const message = `the disk of ${dataDirectory} ${trouble}: make room, then start again`;
  return new RefusedInputError(message, [], { cause: error });
}
