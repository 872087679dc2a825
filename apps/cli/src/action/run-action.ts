import { EXIT } from './exit-codes.js';
import { describeFailure } from './failure.js';
import { printNote } from '../output/print-line.js';
import { stopWish } from './stop-wish.js';

/** Runs a command's work; what it throws becomes words on stderr, or a line of JSON, and an exit code. */
export async function runCommandAction(
  work: () => Promise<number>,
  { json = false }: { readonly json?: boolean | undefined } = {},
): Promise<void> {
  try {
    process.exitCode = await work();
  } catch (error) {
    const failure = describeFailure(error);
    printNote(json ? JSON.stringify(failure.json) : `skiplane: ${failure.text}`);
    process.exitCode = failure.exitCode;
  }
}

/** The same for work that takes long: a signal aborts it, and the process ends when the work has. */
export async function runLongAction(
  work: (signal: AbortSignal) => Promise<number>,
  options: { readonly json?: boolean | undefined } = {},
): Promise<void> {
  using wish = stopWish();
  const { signal } = wish;
  await runCommandAction(() => work(signal), options);
  if (signal.aborted && process.exitCode !== EXIT.ok) process.exitCode = EXIT.interrupted;
}
