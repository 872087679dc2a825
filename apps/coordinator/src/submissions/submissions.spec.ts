import { link, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  problemSchema,
  runListSchema,
  runViewSchema,
  submissionListSchema,
  submissionSchema,
  type RunSpecInput,
  type Submission,
} from '#contracts';
import { TestStack } from '../testing/test-stack.js';
import { until } from '../testing/until.js';

jest.setTimeout(60_000);

/** Looked at in a second or two, so that there is something to see meanwhile. */
const MANY_FILES = 20_000;

describe('a submission that takes long', () => {
  let stack: TestStack;
  let path: string;
  beforeAll(async () => {
    stack = await TestStack.open();
    // Each is answered before it has ended.
    await stack.start({}, { durations: { answerMs: 1 } });
    path = join(stack.directory, 'many');
    const first = join(stack.datasetPath, 'train', 'cat', '0.png');
    for (const split of ['train', 'val']) {
      for (const [name, count] of Object.entries({ cat: split === 'train' ? MANY_FILES : 2, dog: 2 })) {
        const folder = join(path, split, name);
        await mkdir(folder, { recursive: true });
        for (let index = 0; index < count; index += 1) await link(first, join(folder, `${index}.png`));
      }
    }
  });
  afterAll(async () => {
    await stack[Symbol.asyncDispose]();
  });
  let numBefore = 0;
  beforeEach(async () => {
    numBefore = (await runs()).total;
  });

  const get = async (address: string): Promise<unknown> => (await fetch(stack.url + address)).json();
  const runs = async () => runListSchema.parse(await get('/v1/runs'));
  const list = async () => submissionListSchema.parse(await get('/v1/submissions')).submissions;
  const spec = (changes: Partial<RunSpecInput> = {}) =>
    stack.spec({ dataset: { kind: 'image-folder', path }, ...changes });
  const ended = (id: string): Promise<Submission> =>
    until(
      async () => submissionSchema.parse(await get(`/v1/submissions/${id}`)),
      ({ state }) => state !== 'preparing',
      { timeoutMs: 40_000 },
    );

  it('is answered at once, says how far it is while all else is served, and becomes a run', async () => {
    const response = await stack.post('/v1/runs', spec({ name: 'large' }));
    expect(response.status).toBe(202);
    const { id, ...submission } = submissionSchema.parse(await response.json());
    expect(response.headers.get('location')).toBe(`/v1/submissions/${id}`);
    expect(submission).toMatchObject({ kind: 'run', name: 'large', state: 'preparing', location: null });
    let numHealthy = 0;
    const seen = await until(
      async () => {
        if ((await fetch(`${stack.url}/health/ready`)).ok) numHealthy += 1;
        return (await list())[0];
      },
      (now) => now?.state !== 'preparing' || /looking at the data set: [1-9][\d,]* images/.test(now.message),
    );
    expect(seen).toMatchObject({ id, state: 'preparing' });
    expect(numHealthy).toBeGreaterThan(0);
    const { state, location } = await ended(id);
    expect(state).toBe('accepted');
    const run = runViewSchema.parse(await get(location ?? ''));
    expect(run).toMatchObject({ state: 'pending', dataset: { numTrainSamples: MANY_FILES + 2 } });
  });

  it('goes on when nobody waits for it any more', async () => {
    const impatient = AbortSignal.timeout(20);
    const body = JSON.stringify(spec({ name: 'alone' }));
    const headers = { 'content-type': 'application/json' };
    await fetch(`${stack.url}/v1/runs`, { method: 'POST', headers, body, signal: impatient }).catch(() => undefined);
    const all = await until(runs, ({ total }) => total > numBefore, { timeoutMs: 40_000 });
    expect(all.runs[0]?.name).toBe('alone');
  });

  it('is one run, however often it is sent under its key', async () => {
    const send = (): Promise<Response> => stack.post('/v1/runs', spec(), { 'Idempotency-Key': 'long' });
    const first = await send();
    const again = await send();
    expect([first.status, again.status]).toEqual([202, 202]);
    const [one, two] = [submissionSchema.parse(await first.json()), submissionSchema.parse(await again.json())];
    const [made, found] = [await ended(one.id), await ended(two.id)];
    expect(found.location).toBe(made.location);
    expect((await runs()).total).toBe(numBefore + 1);
  });

  it('says every fault where it is refused', async () => {
    const broken = join(path, 'train', 'dog', 'broken.png');
    await writeFile(broken, 'no image');
    const response = await stack.post('/v1/runs', spec({ laneBatchSize: 4 }));
    const { id } = submissionSchema.parse(await response.json());
    const { state, problem, location } = await ended(id);
    expect({ state, location }).toEqual({ state: 'refused', location: null });
    const { status, errors } = problemSchema.parse(problem);
    expect(status).toBe(422);
    expect(errors?.map((error) => error.path)).toContain('train/dog/broken.png');
    expect((await runs()).total).toBe(numBefore);
    expect((await fetch(`${stack.url}/v1/submissions/none`)).status).toBe(404);
  });
});
