import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing, writeFileAtomically } from '#files';

const ID = /^[0-9a-f-]{36}$/;

/** What tells a data folder from others for as long as it exists; the first coordinator on it draws it by lot. */
export async function folderId(dataDirectory: string): Promise<string> {
  const path = join(dataDirectory, 'coordinator.id');
  const held = await readFile(path, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return '';
    throw error;
  });
  if (ID.test(held)) return held;
  const id = randomUUID();
  await writeFileAtomically(path, id);
  return id;
}
