import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const lockSchema = z.object({ packages: z.record(z.string(), z.object({ dev: z.boolean().optional() })) });

/** Folders of the installed packages that run-time code may import, by the lock file; nested ones come with their parent. */
export async function productionModules(root: string): Promise<readonly string[]> {
  const { packages } = lockSchema.parse(JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')));
  const wanted = Object.entries(packages)
    .filter(([path, { dev }]) => path.startsWith('node_modules/') && dev !== true && existsSync(join(root, path)))
    .map(([path]) => path);
  return wanted.filter((path) => !wanted.some((other) => path.startsWith(`${other}/`)));
}
