interface AskedQuery {
  readonly queryKey: readonly unknown[];
}

/** What is shown until an answer comes: that of the query before, where its key begins in this way; else nothing. */
export function heldOf(start: readonly unknown[]) {
  return <Answer>(held: Answer | undefined, before: AskedQuery | undefined): Answer | undefined =>
    start.every((part, index) => part === before?.queryKey[index]) ? held : undefined;
}
