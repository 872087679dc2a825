import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A folder with `index.html` and its assets; removed when disposed of. */
export interface BuiltDashboard extends AsyncDisposable {
  readonly folder: string;
}

/** Builds the dashboard from its sources, into a folder of its own: another spec may build one at the same time. */
export async function buildDashboard(): Promise<BuiltDashboard> {
  const folder = await mkdtemp(join(tmpdir(), 'skiplane-dashboard-'));
  // Jest's NODE_ENV would make it a development build.
  const env = { ...process.env, NODE_ENV: 'production' };
  const build = ['node_modules/vite/bin/vite.js', 'build', 'apps/dashboard', '--emptyOutDir', '--outDir', folder];
  await promisify(execFile)(process.execPath, build, { env });
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}
