import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { exitWhenParentGone } from '#telemetry';
import { z } from 'zod';
import { decodeError, encodedErrorSchema, encodeError, type ErrorClass } from './error-codec.js';
import { ThreadHungError } from './request-thread.js';

const lineSchema = z.union([z.strictObject({ answer: z.unknown() }), z.strictObject({ error: encodedErrorSchema })]);

/**
 * The whole of a child process: reads its order from its first argument and prints its answers, a line of JSON each, or
 * the error that ended it. It ends with its parent.
 */
export async function answerParent<Order>(
  orderSchema: z.ZodType<Order>,
  work: (order: Order, answer: (value: object) => void) => Promise<void>,
): Promise<void> {
  exitWhenParentGone();
  const print = (line: object): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);
  try {
    await work(orderSchema.parse(JSON.parse(process.argv[2] ?? '{}')), (answer) => print({ answer }));
  } catch (error) {
    print({ error: encodeError(error) });
    // An ordinary exit waits for all threads, and one that hangs in a native call never ends.
    if (error instanceof ThreadHungError) process.kill(process.pid, 'SIGKILL');
  }
}

export interface ReadAnswersOptions<Answer> {
  readonly schema: z.ZodType<Answer>;
  /** Told of every line that is no answer: what a library prints, or one that was cut short. */
  readonly onOther: (line: string) => void;
  /** Classes of errors, beside the contracts', that the process throws and who reads tells apart. */
  readonly errors?: readonly ErrorClass[];
}

/** The answers of a child process that runs `answerParent`, as they come. Throws the error that ended it. */
export async function* readAnswers<Answer>(
  output: Readable,
  { schema, onOther, errors }: ReadAnswersOptions<Answer>,
): AsyncGenerator<Answer> {
  for await (const line of createInterface({ input: output, crlfDelay: Infinity })) {
    const read = parsedLine(line);
    if (read === undefined) {
      if (line.trim() !== '') onOther(line);
    } else if ('error' in read) throw decodeError(read.error, errors);
    else yield schema.parse(read.answer);
  }
}

function parsedLine(line: string): z.infer<typeof lineSchema> | undefined {
  try {
    return lineSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
