import { readFileSync } from 'node:fs';
import { isAlive } from './is-alive.mjs';

const POLL_MS = 300;
/** Longer than a stack takes to stop. */
const GRACE_MS = 25_000;

/**
 * Stops this process by SIGTERM, later by SIGKILL, when the npm or npx that started it is gone: npm takes some signals
 * with it to its end, and its shell others, without telling us. Whoever starts us without npm (a shell, a supervisor)
 * may end before us.
 */
export function watchNpm(env = process.env) {
  if (env.npm_lifecycle_event === undefined) return;
  const starters = startersOf(process.ppid);
  const timer = setInterval(() => {
    if (process.ppid === starters[0] && starters.every(isAlive)) return;
    clearInterval(timer);
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE_MS).unref();
    process.kill(process.pid, 'SIGTERM');
  }, POLL_MS);
  timer.unref();
}

/** Our parent, and where that is the shell of a script (`sh -c`), which waits for us whatever happens, its parent too. */
function startersOf(parent) {
  try {
    const [, flag] = readFileSync(`/proc/${parent}/cmdline`, 'utf8').split('\0');
    if (flag !== '-c') return [parent];
    // After the name in brackets, which may hold anything: the state and the parent.
    const [, grandparent] = readFileSync(`/proc/${parent}/stat`, 'utf8').split(') ').at(-1).split(' ');
    return [parent, Number(grandparent)];
  } catch {
    // No /proc: not Linux.
    return [parent];
  }
}
