import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { healthSchema, type Health } from '#contracts';
import { TestStack } from '../testing/test-stack.js';
import { OpenFaults } from './open-faults.js';

jest.setTimeout(30_000);

describe('GET /v1/health', () => {
  let stack: TestStack;

  beforeEach(async () => {
    stack = await TestStack.open();
  });
  afterEach(async () => {
    await stack[Symbol.asyncDispose]();
  });

  const health = async (): Promise<Health> => healthSchema.parse(await (await fetch(`${stack.url}/v1/health`)).json());

  it('is failing with an error, which comes first with what to do', async () => {
    await stack.start();
    const faults = stack.running.get(OpenFaults);
    faults.raise({ kind: 'studies', subject: 'a test', message: 'studies cannot be looked after: a test' });
    const { faults: listed, ...answer } = await health();
    expect(listed[0]).toMatchObject({
      kind: 'studies',
      subject: 'a test',
      severity: 'error',
      advice: expect.stringContaining('log'),
    });
    expect(answer).toMatchObject({
      status: 'failing',
      versions: { coordinator: expect.stringMatching(/^\d+\.\d+\.\d+/) },
    });
    const { startedAt, now } = await health();
    expect(now - startedAt).toBeGreaterThanOrEqual(0);
  });

  it('asks for the key', async () => {
    await stack.start({ apiKey: 'a key of the tests' });
    expect((await fetch(`${stack.url}/v1/health`)).status).toBe(401);
  });
});
