#!/usr/bin/env node
/** `npx skiplane ...`: like bootstrap.mjs, but says nothing of its own unless something goes wrong. */
import { fileURLToPath } from 'node:url';
import { dirname, join } from 'node:path';
import { realpathSync } from 'node:fs';
import { assertNode } from './assert-node.mjs';
import { prepare } from './prepare.mjs';
import { runCli } from './run-cli.mjs';
import { watchNpm } from './watch-npm.mjs';

assertNode();
watchNpm();
const root = join(dirname(realpathSync(fileURLToPath(import.meta.url))), '..', '..', '..');
if (await prepare(root, () => {}, { isQuiet: true })) await runCli(root, process.argv.slice(2));
else process.exitCode = 1;
