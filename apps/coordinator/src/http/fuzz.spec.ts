import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import * as fc from 'fast-check';
import { problemSchema } from '#contracts';
import { TestStack } from '../testing/test-stack.js';

jest.setTimeout(60_000);

const SEED = 20151210;

/** Paths of all leaves and branches of a spec, as lists of keys. */
function pathsOf(value: unknown, prefix: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [prefix];
  return [prefix, ...Object.entries(value).flatMap(([key, part]) => pathsOf(part, [...prefix, key]))];
}

/** The same value with another part at a path. */
function replaced(value: unknown, path: readonly string[], part: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return part;
  const fields = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return Object.fromEntries(fields.map(([name, old]) => [name, name === key ? replaced(old, rest, part) : old]));
}

describe('bodies nobody should send', () => {
  let stack: TestStack;

  beforeAll(async () => {
    stack = await TestStack.open();
    await stack.start();
  });
  afterAll(async () => {
    await stack[Symbol.asyncDispose]();
  });

  const post = (body: string): Promise<Response> => stack.post('/v1/runs', body);
  /** Taken, or refused in words; never a fault of the server. */
  const expectAnswer = async (response: Response): Promise<void> => {
    const text = await response.text();
    if (response.status === 201) return;
    expect([400, 413, 415, 422]).toContain(response.status);
    const problem = problemSchema.parse(JSON.parse(text));
    expect(problem.title.length).toBeGreaterThan(0);
  };

  it('get an answer in words when they are any JSON', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 4 }), async (value) => expectAnswer(await post(JSON.stringify(value)))),
      { numRuns: 150, seed: SEED },
    );
  });

  it('get an answer in words when they are a good spec with one bad part', async () => {
    const good = stack.spec();
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...pathsOf(good)), fc.jsonValue({ maxDepth: 2 }), async (path, part) =>
        expectAnswer(await post(JSON.stringify(replaced(good, path, part)))),
      ),
      { numRuns: 200, seed: SEED },
    );
  });

  it('get an answer in words when they are no JSON', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 200, unit: 'binary' }), async (text) => expectAnswer(await post(text))),
      { numRuns: 100, seed: SEED },
    );
    expect((await fetch(`${stack.url}/v1/runs`)).status).toBe(200);
  });

  it('and neither do queries and ids', async () => {
    await fc.assert(
      fc.asyncProperty(fc.webSegment(), fc.webQueryParameters(), async (segment, query) => {
        for (const path of [
          `/v1/runs?${query}`,
          `/v1/runs/${segment}?${query}`,
          `/v1/runs/${segment}/metrics?${query}`,
        ]) {
          const response = await fetch(stack.url + path);
          await response.arrayBuffer();
          expect(response.status).toBeLessThan(500);
        }
      }),
      { numRuns: 60, seed: SEED },
    );
  });
});
