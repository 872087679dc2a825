import { describeFailure } from './client/failure.js';

/** Runs a command's work; what it throws becomes words on stderr, or a line of JSON, and an exit code. */
export async function runCommandAction(
  work: () => Promise<number>,
  { json = false }: { readonly json?: boolean | undefined } = {},
): Promise<void> {
  try {
    process.exitCode = await work();
  } catch (error) {
    const failure = describeFailure(error);
    console.error(json ? JSON.stringify(failure.json) : `skiplane: ${failure.text}`);
    process.exitCode = failure.exitCode;
  }
}
