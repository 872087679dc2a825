import { z } from 'zod';
import { problemSchema } from '#contracts';
import { UnexpectedAnswerError } from './api-errors.js';

/** undici hides the system's word (ECONNREFUSED) in the cause, and for several addresses in an AggregateError. */
export function networkCode(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  if ('code' in error && typeof error.code === 'string') return error.code;
  const inner =
    error instanceof AggregateError ? (error.errors[0] as unknown) : 'cause' in error ? error.cause : undefined;
  if (inner !== undefined) return networkCode(inner);
  return 'message' in error ? String(error.message) : 'no reason given';
}

/** The problem that an answer stands for, also where it is no problem document. */
export async function problemOf(response: Response): Promise<z.infer<typeof problemSchema>> {
  const text = await response.text();
  const problem = problemSchema.safeParse(json(text));
  if (problem.success) return problem.data;
  return { type: 'about:blank', title: response.statusText || 'Error', status: response.status };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The content of an answer. Throws UnexpectedAnswerError where it is something else. */
export async function parsed<T>(response: Response, schema: z.ZodType<T>): Promise<T> {
  const result = schema.safeParse(json(await response.text()));
  if (result.success) return result.data;
  throw new UnexpectedAnswerError(
    `the answer is not one of a Skiplane coordinator of this version: ${z.prettifyError(result.error).replaceAll('\n', ' ')}`,
  );
}
