import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Redis } from 'ioredis';
import { TestStack } from '../testing/test-stack.js';
import { until } from '../testing/until.js';

jest.setTimeout(60_000);

const FEW = 10;
const MANY = 120;
/** Those of the coordinator's HTTP connections come and go. */
const LOOSE_FILES = 6;

describe('many pending runs', () => {
  let stack: TestStack;
  const ids: string[] = [];
  beforeAll(async () => {
    stack = await TestStack.open();
    await stack.start();
  });
  afterAll(async () => {
    await stack[Symbol.asyncDispose]();
  });

  const submitUntil = async (numRuns: number): Promise<void> => {
    while (ids.length < numRuns) ids.push((await stack.submit({ name: `run-${ids.length}` })).id);
  };
  /** The coordinator runs in this process. */
  const numOpenFiles = async (): Promise<number> => (await readdir('/proc/self/fd')).length;
  /** What the coordinator asks Redis while it looks at all runs some times. */
  const commandsOfLooks = async (): Promise<number> => {
    const observer = new Redis(stack.server.url);
    const count = async (): Promise<number> =>
      Number(/total_commands_processed:(\d+)/.exec(await observer.info('stats'))?.[1]);
    const before = await count();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const after = await count();
    observer.disconnect();
    return after - before;
  };

  it('keep no files open, and cost Redis nothing', async () => {
    await submitUntil(FEW);
    const [files, commands] = [await numOpenFiles(), await commandsOfLooks()];
    await submitUntil(MANY);
    await until(numOpenFiles, (now) => now <= files + LOOSE_FILES, { what: 'the files to be closed' });
    expect(await commandsOfLooks()).toBeLessThan(1.5 * commands + 20);
  });

  it('are not written again when the reason changes why they wait', async () => {
    const last = ids.at(-1) ?? '';
    const writtenAt = async (): Promise<number> =>
      (await stat(join(stack.directory, 'data', 'runs', last, 'run.json'))).mtimeMs;
    const before = await writtenAt();
    // What the only worker is given stands still, and all others wait behind it.
    stack.fleet.untilRound = 1;
    await stack.fleet.add('only');
    const { reason } = await until(
      () => stack.run(last),
      (run) => run.reason?.includes('queued behind') === true,
    );
    expect(reason).toContain('queued behind run-0');
    expect(await writtenAt()).toBe(before);
    expect((await stack.run(ids[0] ?? '')).state).toBe('running');
  });
});
