import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { watchedCommand } from '#telemetry';
import type { z } from 'zod';

const TIMEOUT_MS = 600_000;

export interface ChildCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Runs a measuring process, which ends with this one, and reads its result from the last line of its output. */
export async function runForJson<Result>(
  { command, args, cwd, env, signal }: ChildCommand,
  schema: z.ZodType<Result>,
): Promise<Result> {
  const watched = watchedCommand(command, args);
  const child = spawn(watched.file, watched.args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
    env: { ...process.env, ...env },
    ...(cwd === undefined ? {} : { cwd }),
    ...(signal === undefined ? {} : { signal }),
  });
  child.once('exit', () => child.stdin.destroy());
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [code, output, errors] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  const line = output.trim().split('\n').at(-1) ?? '';
  if (!line.startsWith('{')) {
    throw new Error(`${command} ${args[0] ?? ''} ended with code ${code} and no result: ${errors.slice(-500)}`);
  }
  return schema.parse(JSON.parse(line));
}
