/** A start that takes longer holds nobody up any more; it fails by its own means. */
const MAX_WAIT_MS = 60_000;

let last: Promise<void> = Promise.resolve();

/**
 * Starts threads that decode images one after the other, in all of this process. TensorFlow's binding keeps the names of
 * attributes in a table that threads share without a lock; a decoder has used every name once its thread is ready, and from
 * then on the table is only read.
 */
export function startInTurn<Started>(start: () => Promise<Started>): Promise<Started> {
  const started = last.then(start);
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, MAX_WAIT_MS);
    timer.unref();
  });
  const settled = started.then(
    () => undefined,
    () => undefined,
  );
  last = Promise.race([settled, patience]).finally(() => clearTimeout(timer));
  return started;
}
