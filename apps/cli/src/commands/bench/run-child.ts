import { spawn } from 'node:child_process';
import { z } from 'zod';

const resultSchema = z.object({ imagesPerSecond: z.number().positive() });
const TIMEOUT_MS = 600_000;

export interface ChildCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Runs a measuring process and reads images per second from the last JSON line of its output. */
export async function imagesPerSecondOf(child: ChildCommand): Promise<number> {
  return (await runForJson(child, resultSchema)).imagesPerSecond;
}

/** Runs a measuring process and reads its result from the last line of its output. */
export async function runForJson<Result>(
  { command, args, cwd, env, signal }: ChildCommand,
  schema: z.ZodType<Result>,
): Promise<Result> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
    env: { ...process.env, ...env },
    ...(cwd === undefined ? {} : { cwd }),
    ...(signal === undefined ? {} : { signal }),
  });
  const output: string[] = [];
  const errors: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => output.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const line = output.join('').trim().split('\n').at(-1) ?? '';
  if (!line.startsWith('{')) {
    throw new Error(
      `${command} ${args[0] ?? ''} ended with code ${code} and no result: ${errors.join('').slice(-500)}`,
    );
  }
  return schema.parse(JSON.parse(line));
}
