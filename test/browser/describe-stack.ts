import { afterAll, afterEach, beforeAll, beforeEach, describe, jest } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { EmbeddedRedis } from '#queue';
import { TestStack } from '../../apps/coordinator/src/testing/test-stack.js';
import { launchBrowser, NO_BROWSER_REASON, openPage } from '../support/browser.js';
import { buildDashboard, type BuiltDashboard } from './built-dashboard.js';

/** What a test of the dashboard before a real coordinator works with; stack and pages are new for each test. */
export interface StackTest {
  readonly stack: TestStack;
  /** Of the built dashboard. */
  readonly folder: string;
  /** Opens a path of the coordinator in a page of its own. */
  open(path: string, options?: BrowserContextOptions): Promise<Page>;
  /** Errors of all pages opened so far. */
  pageErrors(): readonly string[];
}

/** Tests of the built dashboard, served by a coordinator whose workers compute nothing. Skipped where no browser is. */
export function describeStack(name: string, tests: (at: StackTest) => void): void {
  jest.setTimeout(60_000);
  if (NO_BROWSER_REASON !== null) console.warn(`The browser tests are skipped: ${NO_BROWSER_REASON}.`);
  (NO_BROWSER_REASON === null ? describe : describe.skip)(name, () => {
    let dashboard: BuiltDashboard;
    let redis: EmbeddedRedis;
    let browser: Browser;
    let stack: TestStack;
    let errors: string[][];

    beforeAll(async () => {
      dashboard = await buildDashboard();
      [redis, browser] = await Promise.all([TestStack.openServer(), launchBrowser()]);
    });
    afterAll(async () => {
      await browser.close();
      await redis.stop();
      await dashboard[Symbol.asyncDispose]();
    });
    beforeEach(async () => {
      stack = await TestStack.open({ server: redis });
      await stack.start({}, { dashboardDirectory: dashboard.folder });
      errors = [];
    });
    afterEach(async () => {
      await Promise.all(browser.contexts().map((context) => context.close()));
      await stack[Symbol.asyncDispose]();
    });

    tests({
      get stack() {
        return stack;
      },
      get folder() {
        return dashboard.folder;
      },
      async open(path, options = {}) {
        const opened = await openPage(browser, `${stack.url}${path}`, options);
        errors.push(opened.errors);
        return opened.page;
      },
      pageErrors: () => errors.flat(),
    });
  });
}
