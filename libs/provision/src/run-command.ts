import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** A command could not be started, ran too long or ended with a failure; `tail` is the end of what it printed. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  constructor(
    message: string,
    readonly tail: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export interface CommandOptions {
  readonly timeoutMs: number;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
}

/** A process in an uninterruptible call of the kernel outlives SIGKILL: it is not waited for any longer than this. */
const KILL_GRACE_MS = 1_000;
/** Enough for the end of a compiler's complaint. */
const TAIL_CHARACTERS = 16_000;

/**
 * Runs a program to its end and returns its standard output.
 * @throws CommandError on a failure, with the last lines of both streams.
 */
export async function runCommand(command: string, args: readonly string[], options: CommandOptions): Promise<string> {
  return await new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that the compilers a build started stop with it.
      detached: true,
    });
    let stdout = '';
    let tail = '';
    let stopped: string | undefined;
    const keep = (text: string): void => {
      tail = (tail + text).slice(-TAIL_CHARACTERS);
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      keep(text);
    });
    child.stderr.setEncoding('utf8').on('data', keep);
    const fail = (why: string): void => reject(new CommandError(`${command} ${why}`, tail));
    let abandoning: NodeJS.Timeout | undefined;
    const stop = (why: string): void => {
      stopped = why;
      abandoning = setTimeout(() => {
        settle();
        child.stdout.destroy();
        child.stderr.destroy();
        child.unref();
        fail(`${why} and cannot be ended`);
      }, KILL_GRACE_MS);
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        child.kill('SIGKILL');
      }
    };
    const timer = setTimeout(() => stop(`took longer than ${options.timeoutMs / 1000} s`), options.timeoutMs);
    const onAbort = (): void => stop('was interrupted');
    if (options.signal?.aborted) onAbort();
    else options.signal?.addEventListener('abort', onAbort, { once: true });
    const settle = (): void => {
      clearTimeout(timer);
      clearTimeout(abandoning);
      options.signal?.removeEventListener('abort', onAbort);
    };
    child.once('error', (cause) => {
      settle();
      reject(new CommandError(`${command} could not be started: ${cause.message}`, tail, { cause }));
    });
    child.once('close', (code, signal) => {
      settle();
      if (code === 0 && stopped === undefined) resolve(stdout);
      else fail(stopped ?? `ended with ${signal ?? `code ${code}`}`);
    });
  });
}

/** The full path of the first of `names` that is an executable on the PATH. */
export async function commandOnPath(
  names: readonly string[],
  path: string = process.env['PATH'] ?? '',
): Promise<string | undefined> {
  for (const name of names) {
    for (const folder of path.split(delimiter)) {
      if (folder === '') continue;
      const candidate = join(folder, name);
      if (await isExecutable(candidate)) return candidate;
    }
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
