import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './launched-stack.js';

/** The variables that the README's environment table names. */
export function readmeVariables(): readonly string[] {
  const [, table = ''] = /\n## Environment\n(.*?)\n## /s.exec(readFileSync(join(ROOT, 'README.md'), 'utf8')) ?? [];
  return [...table.matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([A-Z][A-Z0-9_]*)`/g)].map(([, name = '']) => name),
  );
}
