import { appendFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { logListSchema, logTailSchema, problemSchema, type LogTail } from '#contracts';
import { TestStack } from '../testing/test-stack.js';

jest.setTimeout(30_000);

const KEY = 'a key of the tests';

describe('the logs of the processes', () => {
  let stack: TestStack;
  let folder: string;

  beforeEach(async () => {
    stack = await TestStack.open();
    folder = join(stack.directory, 'logs');
    await mkdir(folder);
  });
  afterEach(async () => {
    await stack[Symbol.asyncDispose]();
  });

  const ask = (path: string, headers: Record<string, string> = {}, signal?: AbortSignal): Promise<Response> =>
    fetch(`${stack.url}/v1/logs${path}`, {
      headers: { 'X-API-Key': KEY, ...headers },
      ...(signal === undefined ? {} : { signal }),
    });
  const tail = async (path: string): Promise<LogTail> => logTailSchema.parse(await (await ask(path)).json());
  /** The messages of a stream until there are so many lines. */
  const followed = async (path: string, numLines: number, headers = {}): Promise<EventSourceMessage[]> => {
    const abort = new AbortController();
    const response = await ask(path, headers, AbortSignal.any([abort.signal, AbortSignal.timeout(10_000)]));
    const messages: EventSourceMessage[] = [];
    const parser = createParser({ onEvent: (message) => messages.push(message) });
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      parser.feed(decoder.decode(chunk, { stream: true }));
      if (linesOf(messages).length >= numLines) break;
    }
    abort.abort();
    return messages;
  };
  const linesOf = (messages: readonly EventSourceMessage[]): string[] =>
    messages.flatMap(({ data }) => JSON.parse(data) as string[]);

  it('are listed and read from their end, without passwords and without the key', async () => {
    await stack.start({ apiKey: KEY });
    const secrets = `connecting to redis://me:s3cret@host:6379 with ${KEY}`;
    await writeFile(join(folder, 'worker-1.log'), `one\ntwo\n${secrets}\n`);
    const { isKept, logs } = logListSchema.parse(await (await ask('')).json());
    expect([isKept, logs.map(({ name }) => name)]).toEqual([true, ['worker-1']]);
    expect(await tail('/worker-1?lines=2')).toMatchObject({
      name: 'worker-1',
      lines: ['two', 'connecting to redis://me:***@host:6379 with ***'],
    });
    expect((await fetch(`${stack.url}/v1/logs`)).status).toBe(401);
    expect((await fetch(`${stack.url}/v1/logs/worker-1`)).status).toBe(401);
  });

  it('are none but those of the folder', async () => {
    await stack.start({ apiKey: KEY });
    await writeFile(join(stack.directory, 'outside.log'), 'a secret\n');
    await symlink(join(stack.directory, 'outside.log'), join(folder, 'linked.log'));
    for (const name of ['linked', 'absent', '..%2Foutside', '%2E%2E%2Foutside', encodeURIComponent('/etc/passwd')]) {
      for (const path of [`/${name}`, `/${name}/follow`]) expect((await ask(path)).status).toBe(404);
    }
    const { errors = [] } = problemSchema.parse(await (await ask('/x?lines=-1&from=y')).json());
    expect(errors.length).toBeGreaterThan(1);
  });

  it('are followed, and gone on with where the reader was cut off', async () => {
    await stack.start({ apiKey: KEY });
    const log = join(folder, 'coordinator.log');
    await writeFile(log, 'one\ntwo\n');
    const first = await followed('/coordinator/follow?lines=1', 1);
    expect(linesOf(first)).toEqual(['two']);
    expect(first[0]?.event).toBe('lines');
    await appendFile(log, 'three\n');
    const id = first.at(-1)?.id ?? '';
    expect(linesOf(await followed('/coordinator/follow', 1, { 'Last-Event-ID': id }))).toEqual(['three']);
    const { position } = await tail('/coordinator?lines=1');
    await appendFile(log, 'four\n');
    expect(linesOf(await followed(`/coordinator/follow?from=${position}`, 1))).toEqual(['four']);
  });

  it('end their streams when the coordinator ends', async () => {
    await stack.start({ apiKey: KEY });
    await writeFile(join(folder, 'redis.log'), 'one\n');
    const response = await ask('/redis/follow');
    const begun = performance.now();
    await stack.stop();
    await response.text();
    expect(performance.now() - begun).toBeLessThan(4_000);
  });

  it('are none where nobody has named a folder', async () => {
    await stack.start({ apiKey: KEY, logDirectory: undefined });
    expect(await (await ask('')).json()).toEqual({ isKept: false, logs: [] });
    expect((await ask('/coordinator')).status).toBe(404);
  });
});
