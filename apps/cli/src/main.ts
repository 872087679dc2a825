#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { processIo } from './action/command-io.js';
import { outliveReaders } from './output/print-line.js';
import { skiplaneProgram } from './program.js';
import { packageRoot } from './local-stack/package-root.js';

const packageSchema = z.object({ version: z.string(), description: z.string() });
const { version, description } = packageSchema.parse(
  JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')),
);
outliveReaders();
// An empty variable, as compose files make them, is as one that is not set; commander would take its value.
for (const [name, value] of Object.entries(process.env)) {
  if (name.startsWith('SKIPLANE_') && value?.trim() === '') delete process.env[name];
}
// A key on the command line is seen by whoever lists the processes of this machine.
if (process.argv.some((argument) => argument.startsWith('--api-key'))) process.title = 'skiplane';
await skiplaneProgram({ version, description, io: processIo() }).parseAsync();
