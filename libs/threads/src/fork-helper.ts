import { fork, type ChildProcess } from 'node:child_process';

/**
 * Starts a process that is asked by messages, buffers copied. It keeps this one from nothing, what it writes to its standard
 * error goes to ours, and its end is told by `exit` alone.
 */
export function forkHelper(url: URL): ChildProcess {
  const child = fork(url, { execArgv: [], serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  child.unref();
  child.channel?.unref();
  child.on('error', () => undefined);
  return child;
}
