import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Fills a folder under a temporary name beside `target` and renames it into place, so that `target` is either complete
 * or not there. What `fill` left behind on a failure is removed; an older `target` is replaced.
 */
export async function publishFolder(target: string, fill: (folder: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const partial = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
  // The temporary name is private; the cache may be shared by several users.
  await chmod(partial, 0o755);
  try {
    await fill(partial);
    await rm(target, { recursive: true, force: true });
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}
