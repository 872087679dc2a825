import { RefusedInputError } from '#contracts';
import type { z } from 'zod';

/** A process's environment. */
export type Environment = Readonly<Record<string, string | undefined>>;
type Fault = { readonly path: string; readonly message: string };

/** The variables that are set. An empty one, as compose files make them, is as one that is not. */
export function presentVariables(environment: Environment): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value === undefined || value.trim() === '' ? [] : [[name, value]],
    ),
  );
}

/**
 * Reads the environment once, at a process's start.
 * @param faultsOf what is wrong with variables together, asked whatever is wrong with each alone
 * @throws RefusedInputError that names every fault at once.
 */
export function parseEnvironment<T extends z.ZodType>(
  schema: T,
  environment: Environment,
  faultsOf: (present: Readonly<Record<string, string>>) => readonly Fault[] = () => [],
): z.output<T> {
  const present = presentVariables(environment);
  const parsed = schema.safeParse(present);
  const alone = parsed.error?.issues.map(({ path, message }) => ({ path: String(path[0]), message })) ?? [];
  const faults = [...alone, ...faultsOf(present)];
  if (parsed.success && faults.length === 0) return parsed.data;
  const words = faults.map(({ path, message }) => `${path} ${message}`).join('; ');
  throw new RefusedInputError(`the environment is refused: ${words}`, faults);
}
