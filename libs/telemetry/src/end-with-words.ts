import { RefusedInputError } from '#contracts';
import { hideSecrets } from './hide-secrets.js';

/** The code a process ends with that cannot work as it was told to: another start will not help. */
const REFUSED = 2;

/**
 * Does what a process needs before it can work. Where that fails the process ends: with the words of a refusal, else
 * with the stack of the fault, and never with what an error carries besides, such as a password.
 */
export async function orEndWithWords<T>(service: string, begin: () => T | Promise<T>): Promise<T> {
  try {
    return await begin();
  } catch (error) {
    const isRefused = error instanceof RefusedInputError;
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`${service}: ${hideSecrets(isRefused ? error.message : stack)}\n`);
    process.exit(isRefused ? REFUSED : 1);
  }
}
