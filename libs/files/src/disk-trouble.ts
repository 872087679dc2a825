import { errorCode } from './error-code.js';

const TROUBLES: Readonly<Record<string, string>> = {
  ENOSPC: 'is full',
  EDQUOT: 'is over its quota',
  EROFS: 'is read-only',
};

/** What an error says of the whole disk, in words such as `is full`; undefined where it is about something else. */
export function diskTrouble(error: unknown): string | undefined {
  return TROUBLES[errorCode(error) ?? ''];
}
