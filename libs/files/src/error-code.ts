/** The system's word for an error, such as ENOENT; undefined where it has none. */
export function errorCode(error: unknown): string | undefined {
  // Not by instanceof: errors of Node's own modules may come from another realm.
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Whether an error says that there is no such file. */
export function isMissing(error: unknown): boolean {
  return errorCode(error) === 'ENOENT';
}
