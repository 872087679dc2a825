import { afterAll, afterEach, beforeAll, beforeEach, describe, jest } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { launchBrowser, NO_BROWSER_REASON, openPage } from '../support/browser.js';
import { buildDashboard, type BuiltDashboard } from './built-dashboard.js';
import { setScene, type Scene } from './fixture-scene.js';
import { FixtureServer } from './fixture-server.js';

/** What a test of the dashboard works with; server, scene and pages are new for each test. */
export interface DashboardTest {
  readonly server: FixtureServer;
  readonly scene: Scene;
  /** Of the built dashboard. */
  readonly folder: string;
  /** Opens a path of the server in a page of its own. */
  open(path: string, options?: BrowserContextOptions): Promise<Page>;
  /** Errors of all pages opened so far. */
  pageErrors(): readonly string[];
}

/** Tests of the built dashboard in a real browser, before a server of fixtures. Skipped where no browser is. */
export function describeDashboard(name: string, tests: (at: DashboardTest) => void): void {
  jest.setTimeout(60_000);
  if (NO_BROWSER_REASON !== null) console.warn(`The browser tests are skipped: ${NO_BROWSER_REASON}.`);
  (NO_BROWSER_REASON === null ? describe : describe.skip)(name, () => {
    let dashboard: BuiltDashboard;
    let browser: Browser;
    let server: FixtureServer;
    let scene: Scene;
    let errors: string[][];

    beforeAll(async () => {
      dashboard = await buildDashboard();
      browser = await launchBrowser();
    });
    afterAll(async () => {
      await browser.close();
      await dashboard[Symbol.asyncDispose]();
    });
    beforeEach(async () => {
      server = new FixtureServer(dashboard.folder);
      await server.start();
      scene = setScene(server, Date.now());
      errors = [];
    });
    afterEach(async () => {
      await Promise.all(browser.contexts().map((context) => context.close()));
      await server.close();
    });

    tests({
      get server() {
        return server;
      },
      get scene() {
        return scene;
      },
      get folder() {
        return dashboard.folder;
      },
      async open(path, options = {}) {
        const opened = await openPage(browser, `${server.url}${path}`, options);
        errors.push(opened.errors);
        return opened.page;
      },
      pageErrors: () => errors.flat(),
    });
  });
}
