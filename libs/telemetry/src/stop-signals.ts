/** What a process is asked to stop by: Ctrl-C, a supervisor, a terminal that is closed. */
export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Calls `stop` at the first of these signals, and only then. */
export function onceToldToStop(stop: (signal: NodeJS.Signals) => void): void {
  let isTold = false;
  for (const name of STOP_SIGNALS) {
    process.on(name, () => {
      if (isTold) return;
      isTold = true;
      stop(name);
    });
  }
}
