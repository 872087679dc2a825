import { readFile } from 'node:fs/promises';
import { RefusedInputError, submittedRunSchema, type SubmittedRun } from '#contracts';

/** Reads JSON from a file, `-` for stdin. */
export async function readJson(file: string, readStdin: () => Promise<string>): Promise<unknown> {
  const name = file === '-' ? 'stdin' : file;
  const text = file === '-' ? await readStdin() : await readText(file);
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new RefusedInputError(`${name} is not JSON: ${words}`, [], { cause: error });
  }
}

/** Reads a run from a JSON file, `-` for stdin, and checks it; every fault is named at once. */
export async function readSpec(file: string, readStdin: () => Promise<string>): Promise<SubmittedRun> {
  const name = file === '-' ? 'stdin' : file;
  const result = submittedRunSchema.safeParse(await readJson(file, readStdin));
  if (!result.success) {
    const faults = result.error.issues.map((issue) => ({
      path: issue.path.map(String).join('.'),
      message: issue.message,
    }));
    throw new RefusedInputError(
      `${name} is not a run that can be trained: ${faults.length} fault${faults.length === 1 ? '' : 's'}`,
      faults,
    );
  }
  return result.data;
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new RefusedInputError(`cannot read ${file}: ${String(error)}`, [], { cause: error });
  }
}
