/** What happened, and why where that is known. */
export function wordsOf(error: unknown): string {
  const cause = causeOf(error);
  return cause === undefined ? messageOf(error) : `${messageOf(error)}: ${messageOf(cause)}`;
}

/** An error of fetch says little, its cause says what happened. Not by instanceof, as in `errorCode`. */
export function causeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'cause' in error ? error.cause : undefined;
}

export function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}
