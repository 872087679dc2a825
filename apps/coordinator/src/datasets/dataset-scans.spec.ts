import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { datasetSchema } from '#contracts';
import { readStoreSettings } from '#stores';
import { DatasetScans } from './dataset-scans.js';

describe('a process that looks at data sets', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skiplane-scans-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is ended where it gives no sign, and the next one serves who comes after', async () => {
    const entry = join(folder, 'process.mjs');
    // It hangs for the first data set, as one does whose disk is away.
    await writeFile(
      entry,
      `process.on('message', ({ id, spec }) => {
         if (spec.path !== '/away') process.send({ id, kind: 'done', dataset: { digest: spec.path } });
       });`,
    );
    const scans = new DatasetScans({
      processUrl: pathToFileURL(entry),
      keptFolder: folder,
      stores: readStoreSettings({}),
      silentMs: 500,
    });
    const specOf = (path: string) => datasetSchema.parse({ kind: 'image-folder', path });
    const tell = (): void => undefined;
    await expect(scans.inspect(specOf('/away'), tell)).rejects.toThrow('the disk did not answer for 0.5 s (/away)');
    expect(await scans.inspect(specOf('/there'), tell)).toEqual({ digest: '/there' });
    scans.onModuleDestroy();
  });
});
