import { commandOnPath, runCommand } from './run-command.js';

/** A Python that can fetch and unpack wheels. */
export interface Python {
  /** Full path of the interpreter. */
  readonly command: string;
  /** What runs pip: the interpreter and its arguments, or a pip of its own. */
  readonly pip: readonly [string, ...string[]];
}

const PROBE_TIMEOUT_MS = 30_000;

/** Finds `python3` with pip, and says in words what is missing. No virtual environment is needed: nothing is installed. */
export async function findPython(path?: string): Promise<Python | string> {
  const command = await commandOnPath(['python3', 'python'], path);
  if (command === undefined) return 'python3 is not on the PATH';
  const answers = async (program: string, args: readonly string[]): Promise<boolean> =>
    await runCommand(program, args, { timeoutMs: PROBE_TIMEOUT_MS }).then(
      () => true,
      () => false,
    );
  if (await answers(command, ['-m', 'pip', '--version'])) return { command, pip: [command, '-m', 'pip'] };
  const pip = await commandOnPath(['pip3', 'pip'], path);
  if (pip !== undefined && (await answers(pip, ['--version']))) return { command, pip: [pip] };
  return `${command} has no pip (Debian: apt-get install python3-pip)`;
}
