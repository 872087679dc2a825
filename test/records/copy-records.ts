import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CHECKPOINT_MANIFEST_FILE } from '#contracts';

/** Where the records of a release were made; they name it. */
export const MADE_IN = '/tmp/skiplane-records';

const recordsFolder = (version: string): string =>
  fileURLToPath(new URL(`../fixtures/records/${version}/`, import.meta.url)).replace('/dist/test/', '/test/');

/**
 * Makes a data folder out of the records of a release (`v1`), as if they had been made in it on the data set `shapes`.
 * Run `finished` was evaluated, run `paused` waits to be resumed, study `rates` has two runs.
 */
export async function copyRecords(version: string, dataDirectory: string, shapes: string): Promise<void> {
  await cp(recordsFolder(version), dataDirectory, { recursive: true });
  for (const entry of await readdir(dataDirectory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.jsonl?$/.test(entry.name) || entry.name === CHECKPOINT_MANIFEST_FILE) continue;
    const path = join(entry.parentPath, entry.name);
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replaceAll(`${MADE_IN}/data`, dataDirectory).replaceAll(`${MADE_IN}/shapes`, shapes));
  }
}

/** Ids of the runs of a data folder, by name; an evaluation has that of its run and a slash. */
export async function runIds(dataDirectory: string): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  for (const id of await readdir(join(dataDirectory, 'runs'))) {
    const text = await readFile(join(dataDirectory, 'runs', id, 'run.json'), 'utf8');
    const record = JSON.parse(text) as { readonly spec: { readonly name: string }; readonly evaluation?: unknown };
    ids.set(record.spec.name + (record.evaluation === undefined ? '' : '/'), id);
  }
  return ids;
}
