import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import type { EmbeddedRedis } from '#queue';
import { TestStack, type TestStackOptions } from './test-stack.js';

/**
 * Opens a stack of its own for each test of the enclosing `describe`, all on one Redis, and closes it afterwards.
 * `prepare` is given it before the test, and may start it.
 */
export function stackForEach(
  prepare: (stack: TestStack) => Promise<unknown> | void,
  options: Omit<TestStackOptions, 'server'> = {},
): void {
  let server: EmbeddedRedis;
  let stack: TestStack;
  beforeAll(async () => {
    server = await TestStack.openServer();
  });
  afterAll(async () => {
    await server.stop();
  });
  beforeEach(async () => {
    stack = await TestStack.open({ ...options, server });
    await prepare(stack);
  });
  afterEach(async () => {
    await stack[Symbol.asyncDispose]();
  });
}
