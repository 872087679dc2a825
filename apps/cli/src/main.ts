#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { skiplaneProgram } from './program.js';
import { packageRoot } from './stack/package-root.js';

const packageSchema = z.object({ version: z.string(), description: z.string() });
const { version, description } = packageSchema.parse(
  JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')),
);
await skiplaneProgram({ version, description, exit: (code) => process.exit(code) }).parseAsync();
