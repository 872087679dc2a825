import { describeFailure } from './client/failure.js';

/** Runs a command's work; what it throws becomes words on stderr and an exit code. */
export async function runCommandAction(work: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await work();
  } catch (error) {
    const failure = describeFailure(error);
    console.error(`skiplane: ${failure.text}`);
    process.exitCode = failure.exitCode;
  }
}
