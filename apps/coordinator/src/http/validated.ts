import type { z } from 'zod';
import { problem, ProblemException } from './problem.js';

/** Parses what came in; throws a 400 problem that names every fault at once. */
export function validated<T extends z.ZodType>(schema: T, input: unknown, what: string): z.output<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  throw new ProblemException(
    problem(400, `${what} is refused: ${errors.length} ${errors.length === 1 ? 'fault' : 'faults'}`, errors),
  );
}
