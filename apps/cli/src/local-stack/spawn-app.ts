import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import type { ProcessExit, RunningProcess } from './supervised-process.js';

/**
 * Starts one of our apps. Its output goes straight to the log file. It watches the IPC channel and stops when this
 * process is gone (`SKIPLANE_PARENT_WATCH`); it leads a session of its own, so that an interrupt at the terminal reaches
 * the launcher alone, which then stops the stack in order.
 */
export async function spawnApp(
  entry: string,
  logFile: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<RunningProcess> {
  const log = await open(logFile, 'a');
  try {
    const child = spawn(process.execPath, [entry], {
      env: { ...process.env, ...environment, SKIPLANE_PARENT_WATCH: '1' },
      stdio: ['ignore', log.fd, log.fd, 'ipc'],
      detached: true,
    });
    const exited = new Promise<ProcessExit>((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
      child.once('error', () => resolve({ code: null, signal: null }));
    });
    if (child.pid === undefined) {
      await exited;
      throw new Error(`${process.execPath} could not be started`);
    }
    return { pid: child.pid, exited };
  } finally {
    await log.close();
  }
}
