/** Whether an error of the system has this code, such as ENOENT; not by instanceof, as it may come from another realm. */
export function isCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
