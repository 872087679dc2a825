import { NewerVersionError, NotFiniteError, RecoverableError, RefusedInputError, RunFaultError } from '#contracts';
import { z } from 'zod';

const faultSchema = z.strictObject({ path: z.string(), message: z.string() });
const fieldSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** An error in the form in which it leaves a thread or a process: plain data, which is also JSON. */
export interface EncodedError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  /** Its own plain values, such as `code`. */
  readonly fields: Readonly<Record<string, z.infer<typeof fieldSchema>>>;
  /** Of a RefusedInputError: every fault found. */
  readonly faults?: readonly z.infer<typeof faultSchema>[] | undefined;
  readonly cause?: EncodedError | undefined;
}

/** For what comes from another process. */
export const encodedErrorSchema: z.ZodType<EncodedError> = z.strictObject({
  name: z.string(),
  message: z.string(),
  stack: z.string().optional(),
  fields: z.record(z.string(), fieldSchema),
  faults: z.array(faultSchema).optional(),
  cause: z.lazy(() => encodedErrorSchema).optional(),
});

/** A class of errors that a receiver knows; its name is the errors' `name`. */
export interface ErrorClass {
  readonly name: string;
  readonly prototype: Error;
}

const COMMON: readonly ErrorClass[] = [
  RefusedInputError,
  NewerVersionError,
  RecoverableError,
  RunFaultError,
  NotFiniteError,
];
/** Causes of causes beyond this are left out. */
const DEEPEST_CAUSE = 5;
const WRITTEN_OUT: readonly string[] = ['name', 'message', 'stack', 'cause', 'faults'];

/** Whatever was thrown, as plain data. */
export function encodeError(error: unknown, depth = 0): EncodedError {
  // Not by instanceof: errors of Node's own modules may come from another realm.
  if (!isErrorLike(error)) return { name: 'Error', message: String(error), fields: {} };
  const { name, message, stack, cause } = error;
  const fields = Object.entries(error).flatMap(([key, value]) => {
    const parsed = fieldSchema.safeParse(value);
    return parsed.success && !WRITTEN_OUT.includes(key) ? [[key, parsed.data] as const] : [];
  });
  const faults = 'faults' in error ? z.array(faultSchema).safeParse(error.faults).data : undefined;
  return {
    name,
    message,
    ...(stack !== undefined && { stack }),
    fields: Object.fromEntries(fields),
    ...(faults && { faults }),
    ...(cause !== undefined && depth < DEEPEST_CAUSE && { cause: encodeError(cause, depth + 1) }),
  };
}

/**
 * The error again: of its own class where that is one of `classes` or of the contracts', else an Error of that name. The
 * stack is that of where it was thrown.
 */
export function decodeError(encoded: EncodedError, classes: readonly ErrorClass[] = []): Error {
  const { name, message, stack, fields, faults, cause } = encoded;
  const error = new Error(message, cause && { cause: decodeError(cause, classes) });
  const known = [...classes, ...COMMON].find((candidate) => candidate.name === name);
  if (known) Object.setPrototypeOf(error, known.prototype);
  Object.assign(error, { name }, fields, faults && { faults });
  if (stack !== undefined) error.stack = stack;
  return error;
}

function isErrorLike(error: unknown): error is Error {
  return typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string';
}
