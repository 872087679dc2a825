import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { RefusedInputError } from '#contracts';
import { z } from 'zod';
import { encodeError } from './error-codec.js';
import { readAnswers } from './process-answers.js';

const schema = z.strictObject({ n: z.int() });

async function read(...lines: readonly unknown[]): Promise<{ answers: unknown[]; others: string[]; error: unknown }> {
  const text = lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
  const others: string[] = [];
  const answers: unknown[] = [];
  try {
    const output = Readable.from([text.slice(0, 7), text.slice(7)]);
    for await (const answer of readAnswers(output, { schema, onOther: (line) => others.push(line) }))
      answers.push(answer);
    return { answers, others, error: null };
  } catch (error) {
    return { answers, others, error };
  }
}

describe('readAnswers', () => {
  it('gives answers as they come, and tells of every other line', async () => {
    expect(await read({ answer: { n: 1 } }, 'a library speaks', '', '{"answer":{', { answer: { n: 2 } })).toEqual({
      answers: [{ n: 1 }, { n: 2 }],
      others: ['a library speaks', '{"answer":{'],
      error: null,
    });
  });

  it('throws the error that ended the process', async () => {
    const thrown = new RefusedInputError('no', [{ path: 'a', message: 'b' }]);
    const { answers, error } = await read({ answer: { n: 1 } }, { error: encodeError(thrown) });
    expect(answers).toEqual([{ n: 1 }]);
    expect(error).toBeInstanceOf(RefusedInputError);
    expect(error).toMatchObject({ faults: thrown.faults });
  });

  it('refuses an answer of another form', async () => {
    expect((await read({ answer: { n: 'one' } })).error).toBeInstanceOf(z.ZodError);
  });
});
