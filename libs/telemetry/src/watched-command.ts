/**
 * The watcher waits for the pipe from this process to close, which the kernel does even after SIGKILL, then stops the
 * program. `exec` gives the program the shell's own pid, so that `$$` and the pid seen here are the program's.
 */
const WATCHED_START = `
exec 3<&0
( read -r _ <&3; kill -TERM $$ ) >/dev/null 2>&1 &
exec "$@" </dev/null 3<&-
`;

/**
 * What to spawn so that a program, also one that is not ours, gets SIGTERM when this process is gone, whichever way that
 * went. Its stdin is to be a `pipe`; destroy that at its `exit`, which lets the watcher end. Our own programs have
 * `exitWhenParentGone`.
 */
export function watchedCommand(command: string, args: readonly string[]): { file: string; args: string[] } {
  return { file: '/bin/sh', args: ['-c', WATCHED_START, 'sh', command, ...args] };
}
