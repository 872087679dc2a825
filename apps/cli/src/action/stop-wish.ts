import { STOP_SIGNALS } from '#telemetry';

/** The wish of whoever started a command that it stop. */
export interface StopWish extends Disposable {
  /** Aborted by the first signal: Ctrl-C, SIGTERM, or SIGHUP, as when the terminal is closed. */
  readonly signal: AbortSignal;
  /** What a second signal does. Default: ends the process at once; what it started notices that. */
  onAgain(listener: () => void): void;
}

/** Under npm one Ctrl-C comes twice, from the terminal and from npm, which passes it on. */
const SAME_WISH_MS = 500;

/** Listens to the signals until it is disposed; without it they end the process. */
export function stopWish(): StopWish {
  const wish = new AbortController();
  let wishedAt = 0;
  let again = (): void => process.exit(130);
  const listener = (name: NodeJS.Signals): void => {
    if (!wish.signal.aborted) {
      wishedAt = performance.now();
      wish.abort(new Error(`stopped by ${name}`));
    } else if (performance.now() - wishedAt > SAME_WISH_MS) again();
  };
  for (const name of STOP_SIGNALS) process.on(name, listener);
  return {
    signal: wish.signal,
    onAgain: (next) => {
      again = next;
    },
    [Symbol.dispose]: () => {
      for (const name of STOP_SIGNALS) process.off(name, listener);
    },
  };
}
