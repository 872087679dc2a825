/** The part of `process` that the watch needs; tests pass a fake. */
export interface WatchedProcess {
  readonly pid: number;
  readonly connected: boolean;
  readonly channel?: { unref(): void } | null | undefined;
  once(event: 'disconnect', listener: () => void): unknown;
  kill(pid: number, signal: NodeJS.Signals): unknown;
}

export interface ParentWatchOptions {
  /** How long the process may take to stop by itself after SIGTERM, before SIGKILL. Default 5 000. */
  readonly graceMs?: number;
  readonly process?: WatchedProcess;
}

const DEFAULT_GRACE_MS = 5_000;

/**
 * Stops this process when the process that started it is gone, however it went: the kernel closes the IPC channel of a
 * parent killed with SIGKILL. First SIGTERM to itself, so that the ordinary shutdown runs, then SIGKILL.
 *
 * Call it once, early, where `SKIPLANE_PARENT_WATCH=1`. The parent must have spawned this process with an `ipc` channel;
 * without one there is no parent to watch and the process would stop at once.
 */
export function exitWhenParentGone(options: ParentWatchOptions = {}): void {
  const target = options.process ?? process;
  const stop = (): void => {
    // SIGKILL by timer, not process.exit(): an engine thread inside a native call would make exit wait for it.
    setTimeout(() => target.kill(target.pid, 'SIGKILL'), options.graceMs ?? DEFAULT_GRACE_MS).unref();
    target.kill(target.pid, 'SIGTERM');
  };
  if (!target.connected) {
    stop();
    return;
  }
  target.once('disconnect', stop);
  // Listening must not by itself keep the process alive.
  target.channel?.unref();
}
