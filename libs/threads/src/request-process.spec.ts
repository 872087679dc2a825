import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RefusedInputError } from '#contracts';
import { ProcessEndedError, RequestProcess } from './request-process.js';

type Ask = { readonly kind: 'double'; readonly value: number } | { readonly kind: 'hang' | 'die' | 'refuse' };
interface Answers {
  readonly double: { readonly bytes: Uint8Array; readonly pid: number };
  readonly hang: never;
  readonly die: never;
  readonly refuse: never;
}

const SERVE = new URL('../../../dist/libs/threads/src/serve-parent.js', import.meta.url);

describe('a process that answers requests', () => {
  let folder: string;
  let asked: RequestProcess<Ask, Answers>;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skiplane-request-process-'));
    const entry = join(folder, 'process.mjs');
    await writeFile(
      entry,
      `import { serveParent } from '${SERVE.href}';
       serveParent({
         answer: ({ kind, value }) => {
           if (kind === 'die') process.exit(3);
           if (kind === 'hang') for (;;);
           if (kind === 'refuse') throw Object.assign(new Error('no'), { name: 'RefusedInputError', faults: [] });
           return { bytes: Uint8Array.of(2 * value), pid: process.pid };
         },
       });`,
    );
    asked = new RequestProcess({ url: pathToFileURL(entry), name: 'test', answerWithinMs: 3_000, idleMs: 60_000 });
  });
  afterEach(async () => {
    await asked.close();
    await rm(folder, { recursive: true });
  });

  it('keeps the class of errors, and is another one after it has died or hung', async () => {
    const double = async (value: number): Promise<Answers['double']> =>
      (await asked.request({ kind: 'double', value })).value;
    const [first, second] = await Promise.all([double(3), double(4)]);
    expect([first.bytes, second.bytes]).toEqual([Uint8Array.of(6), Uint8Array.of(8)]);
    await expect(asked.request({ kind: 'refuse' })).rejects.toThrow(RefusedInputError);
    expect((await double(5)).pid).toBe(first.pid);
    const dying = asked.request({ kind: 'die' });
    const waiting = double(1);
    await expect(dying).rejects.toThrow('the test process ended with code 3');
    await expect(waiting).rejects.toThrow(ProcessEndedError);
    expect((await double(5)).pid).not.toBe(first.pid);
    await expect(asked.request({ kind: 'hang' })).rejects.toThrow('the test process gave no answer within 3 s');
    expect((await double(6)).bytes).toEqual(Uint8Array.of(12));
    await asked.close();
    await expect(double(6)).rejects.toThrow('is closed');
  });
});
