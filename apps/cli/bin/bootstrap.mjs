#!/usr/bin/env node
/**
 * What `npm start`, `npm test`, `npm run demo` and `npm run bench` call: makes a fresh clone ready (dependencies, build)
 * and runs the command. Plain JavaScript without dependencies, because there may be none yet.
 */
import { fileURLToPath } from 'node:url';
import { dirname, join } from 'node:path';
import { assertNode } from './assert-node.mjs';
import { prepare } from './prepare.mjs';
import { runCli } from './run-cli.mjs';
import { watchNpm } from './watch-npm.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const [command = 'help', ...args] = process.argv.slice(2);
const say = (line) => console.error(line);

assertNode();
watchNpm();
if (command === 'test') {
  const { runTests } = await import('./run-tests.mjs');
  process.exitCode = await runTests(root, args, say);
} else if (await prepare(root, say)) {
  if (command !== 'prepare') await runCli(root, [command, ...args]);
} else {
  process.exitCode = 1;
}
