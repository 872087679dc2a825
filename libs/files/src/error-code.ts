/** The system's word for an error, such as ENOENT; undefined where it has none. */
export function errorCode(error: unknown): string | undefined {
  // Not by instanceof: errors of Node's own modules may come from another realm.
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Whether the error has one of these codes. */
export function isCode(error: unknown, ...codes: readonly string[]): boolean {
  const code = errorCode(error);
  return code !== undefined && codes.includes(code);
}

/** Whether an error says that there is no such file. */
export function isMissing(error: unknown): boolean {
  return isCode(error, 'ENOENT');
}
