import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { RefusedInputError } from '#contracts';
import type { DemoData } from './demo-spec.js';

/**
 * The data set in a folder that the user names. Its class folders are counted only; the coordinator looks at every image
 * and names what it cannot read. @throws RefusedInputError
 */
export async function inspectFolder(path: string): Promise<DemoData> {
  const folder = resolve(path);
  const faults: { path: string; message: string }[] = [];
  const classesOf = async (split: string): Promise<readonly string[]> => {
    try {
      const entries = await readdir(join(folder, split), { withFileTypes: true });
      return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map((entry) => entry.name);
    } catch (error) {
      faults.push({ path: join(folder, split), message: `cannot be read: ${String(error)}` });
      return [];
    }
  };
  const [train] = await Promise.all([classesOf('train'), classesOf('val')]);
  if (faults.length === 0 && train.length < 2) {
    faults.push({
      path: join(folder, 'train'),
      message: `expected a folder for each of at least 2 classes, found ${train.length}`,
    });
  }
  if (faults.length > 0) {
    throw new RefusedInputError(`${folder} is no data set: expected train/CLASS/*.jpg and val/CLASS/*.jpg`, faults);
  }
  return { folder, numClasses: train.length };
}
