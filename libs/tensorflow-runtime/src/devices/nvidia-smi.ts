import { CommandError, commandOnPath, runCommand } from '#provision';

/** A machine without a GPU has no such tool; one where it fails has a GPU, or had. */
const TOOL = 'nvidia-smi';
/** Without its persistence daemon a driver takes seconds for each GPU. */
const LIMIT_MS = 20_000;

/** How the driver's tool is found and how long it may take. */
export interface DriverOptions {
  /** Where the tool is looked for. Default: PATH of this process. */
  readonly path?: string;
  /** After so long the tool is killed and counts as hanging. Default 20 000. */
  readonly limitMs?: number;
}

/** What the driver's tool prints, or why it prints nothing. */
export type DriverAnswer = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly why: string };

/** Asks the driver's tool. Null where no such tool is on the PATH. Never rejects. */
export async function askDriver(args: readonly string[], options: DriverOptions = {}): Promise<DriverAnswer | null> {
  const { path, limitMs = LIMIT_MS } = options;
  const tool = await commandOnPath([TOOL], path);
  if (tool === undefined) return null;
  try {
    const env = path === undefined ? process.env : { ...process.env, PATH: path };
    return { ok: true, text: await runCommand(tool, args, { timeoutMs: limitMs, env }) };
  } catch (error) {
    const last = error instanceof CommandError ? error.tail.trim().split('\n').slice(0, 2).join(', ') : '';
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, why: last === '' ? message : `${message}: ${last}` };
  }
}
