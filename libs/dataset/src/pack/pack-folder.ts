import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RefusedInputError } from '#contracts';
import { isMissing, makeFolder, writeFileAtomically } from '#files';
import { some } from '../labels/some.js';
import {
  INDEX_FOLDER,
  PACK_FILE,
  packPlanSchema,
  packSchema,
  parseAs,
  PLAN_FILE,
  type PackPlan,
} from './pack-files.js';

/**
 * Makes a folder ready for a pack, or for the rest of one that was begun with the same plan, and removes what a process left
 * behind that was killed. Rejects with RefusedInputError where something else lies there.
 */
export async function claimFolder(folder: string, plan: PackPlan): Promise<void> {
  await makeFolder(folder);
  const entries = await readdir(folder);
  const begun = await planOf(folder);
  if (begun === null && entries.length > 0) {
    throw new RefusedInputError(`${folder} holds something else (${some(entries)}); name an empty or a new folder`);
  }
  if (begun !== null && JSON.stringify(begun) !== JSON.stringify(plan)) {
    const fields = (Object.keys(plan) as (keyof PackPlan)[]).filter(
      (field) => JSON.stringify(begun[field]) !== JSON.stringify(plan[field]),
    );
    const message = `holds a pack of another ${fields.join(', ')}; name another folder, or the same data set and options`;
    throw new RefusedInputError(`${folder} ${message}`);
  }
  await writeFileAtomically(join(folder, PLAN_FILE), JSON.stringify(plan));
  await mkdir(join(folder, INDEX_FOLDER), { recursive: true });
  const left = entries.filter((name) => name.startsWith('.') && name.endsWith('.tmp'));
  for (const name of left) await rm(join(folder, name), { force: true });
}

async function planOf(folder: string): Promise<PackPlan | null> {
  const pack = await readOrNull(join(folder, PACK_FILE));
  if (pack !== null) return parseAs(packSchema, pack)?.plan ?? null;
  const plan = await readOrNull(join(folder, PLAN_FILE));
  return plan === null ? null : parseAs(packPlanSchema, plan);
}

/** A file's text; null where there is none. */
export async function readOrNull(path: string): Promise<string | null> {
  return await readFile(path, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
}
