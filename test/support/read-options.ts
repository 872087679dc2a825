import { parseArgs } from 'node:util';
import { z } from 'zod';

/**
 * Reads a command line by the schema of its options: what is boolean there is a flag, all others take a text. Null, with
 * the exit code set, where there is nothing more to do: help was asked for, or something is wrong (2).
 */
export function readOptions<Schema extends z.ZodObject>(
  args: string[],
  { help, schema }: { readonly help: string; readonly schema: Schema },
): z.infer<Schema> | null {
  const options = Object.fromEntries(
    Object.entries(schema.shape).map(([name, value]) => [
      name,
      { type: isFlag(value) ? 'boolean' : 'string' } as const,
    ]),
  );
  try {
    const { help: isHelpAsked, ...values } = parseArgs({
      args,
      options: { ...options, help: { type: 'boolean' } },
    }).values;
    if (isHelpAsked !== true) return schema.parse(values);
    console.log(help);
    return null;
  } catch (error) {
    console.error(error instanceof z.ZodError ? z.prettifyError(error) : String(error));
    console.error('See --help.');
    process.exitCode = 2;
    return null;
  }
}

function isFlag(schema: unknown): boolean {
  return schema instanceof z.ZodDefault ? isFlag(schema.unwrap()) : schema instanceof z.ZodBoolean;
}
