import { execFile } from 'node:child_process';

const MAIN = new URL('../../apps/cli/src/main.js', import.meta.url).pathname;
const TIMEOUT_MS = 60_000;
const MOST_BYTES = 64 * 2 ** 20;

export interface CliAnswer {
  /** -1 where it did not end by itself. */
  readonly code: number;
  readonly stdout: string;
  /** Both streams. */
  readonly text: string;
}

/**
 * A command of the CLI to its end, in this process's environment and more.
 * @param within program and arguments that run it; default: none
 */
export function runSkiplane(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
  within: readonly string[] = [],
): Promise<CliAnswer> {
  const [program = '', ...args] = [...within, process.execPath, MAIN, ...words];
  const options = { timeout: TIMEOUT_MS, maxBuffer: MOST_BYTES, env: { ...process.env, ...env } };
  return new Promise((resolve) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      const failed = typeof error?.code === 'number' ? error.code : -1;
      resolve({ code: error === null ? 0 : failed, stdout, text: stdout + stderr });
    });
  });
}
