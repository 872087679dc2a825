import type { CommandIo } from './command-io.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { describeFailure } from './failure.js';

/** Of every command that can print its result as JSON. */
export interface ActionFlags {
  readonly json?: boolean | undefined;
}

/** Runs a command's work; what it throws becomes words on stderr, or a line of JSON, and the exit code. */
export async function runAction(
  io: CommandIo,
  { json = false }: ActionFlags,
  work: () => Promise<ExitCode>,
): Promise<void> {
  io.setExitCode(await endOf(io, json, work));
}

/** The same for work that takes long: a signal aborts it, and the process ends when the work has. */
export async function runLongAction(
  io: CommandIo,
  { json = false }: ActionFlags,
  work: (signal: AbortSignal) => Promise<ExitCode>,
): Promise<void> {
  using interrupts = io.interrupts();
  const { signal } = interrupts;
  const code = await endOf(io, json, () => work(signal));
  io.setExitCode(signal.aborted && code !== EXIT.ok ? EXIT.interrupted : code);
}

async function endOf(io: CommandIo, json: boolean, work: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await work();
  } catch (error) {
    const failure = describeFailure(error);
    io.err(json ? JSON.stringify(failure.json) : `skiplane: ${failure.text}`);
    return failure.exitCode;
  }
}
