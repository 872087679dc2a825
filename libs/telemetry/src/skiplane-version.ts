import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const packageSchema = z.object({ version: z.string() });
let known: string | undefined;

/** The version of this Skiplane, as its package.json has it. Read once. */
export function skiplaneVersion(): string {
  known ??= readVersion(dirname(fileURLToPath(import.meta.url)));
  return known;
}

function readVersion(from: string): string {
  let folder = from;
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`there is no package.json above ${from}`);
    folder = parent;
  }
  return packageSchema.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).version;
}
