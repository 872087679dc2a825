import { linkSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { runSpecSchema, runViewSchema } from '#contracts';
import { runSkiplane } from '../../apps/cli/src/testing/run-skiplane.js';
import { SkiplaneClient } from '../../apps/cli/src/api-client/skiplane-client.js';
import type { RecordingIo } from '../../apps/cli/src/testing/recording-io.js';
import { TestStack } from '../../apps/coordinator/src/testing/test-stack.js';

jest.setTimeout(60_000);

/** Looked at for longer than a client of 200 ms waits. */
const MANY_FILES = 10_000;

/** A real coordinator, in process, that looks at a large data set for longer than the client waits for an answer. */
describe('submitting what takes long to be looked at', () => {
  let stack: TestStack;
  let file: string;
  const specOf = (name: string) =>
    runSpecSchema.parse(stack.spec({ name, dataset: { kind: 'image-folder', path: join(stack.directory, 'many') } }));

  async function open(answerWithinMs: number): Promise<void> {
    stack = await TestStack.open();
    await stack.start({}, { durations: { answerMs: answerWithinMs } });
    const image = join(stack.datasetPath, 'train', 'cat', '0.png');
    for (const [folder, count] of Object.entries({
      'train/cat': MANY_FILES,
      'train/dog': 2,
      'val/cat': 1,
      'val/dog': 1,
    })) {
      await mkdir(join(stack.directory, 'many', folder), { recursive: true });
      for (let index = 0; index < count; index += 1)
        linkSync(image, join(stack.directory, 'many', folder, `${index}.png`));
    }
    file = join(stack.directory, 'run.json');
    await writeFile(file, JSON.stringify(specOf('large')));
  }
  afterEach(async () => {
    await stack[Symbol.asyncDispose]();
  });
  const numRuns = (): number => stack.registry.trainings().length;

  const skiplane = (...words: string[]): Promise<RecordingIo> =>
    runSkiplane([...words, '--url', stack.url], { retryDelayMs: 200 });

  it('ends with the run, and says meanwhile what is done', async () => {
    await open(50);
    const io = await skiplane('submit', file, '--json');
    expect({ code: io.exitCode(), err: io.errLines }).toMatchObject({ code: 0 });
    expect(io.errLines.join('\n')).toMatch(/is looked at|looking at the data set/);
    expect(runViewSchema.parse(JSON.parse(io.outLines.join(''))).dataset.numTrainSamples).toBe(MANY_FILES + 2);
    expect(numRuns()).toBe(1);
  });

  it('ends with the run, one run, also where no answer comes within what the client waits for', async () => {
    await open(30_000);
    const client = new SkiplaneClient({ url: stack.url, timeoutMs: 200, retryDelayMs: 10 });
    const said: string[] = [];
    const run = await client.submit(specOf('large'), 'key', { onProgress: (message) => said.push(message) });
    expect(run.spec.name).toBe('large');
    expect(said).toContain('no answer, asking again under the same key');
    expect(numRuns()).toBe(1);
  });
});
