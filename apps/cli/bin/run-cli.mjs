import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Runs the built CLI in this very process: signals, exit code and terminal are then its own, nothing is passed on. */
export async function runCli(root, args) {
  const main = join(root, 'dist', 'apps', 'cli', 'src', 'main.js');
  process.argv = [process.execPath, main, ...args];
  await import(pathToFileURL(main).href);
}
