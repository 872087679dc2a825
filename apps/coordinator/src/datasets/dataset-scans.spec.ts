import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { datasetSchema, type DatasetSpec } from '#contracts';
import { readStoreSettings } from '#stores';
import { DatasetScans } from './dataset-scans.js';

describe('a process that looks at data sets', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skiplane-scans-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Does what a scanning process does for `/there`, hangs for `/away` and waits to be cancelled for `/slow…`. */
  const scansOf = async (silentMs: number): Promise<DatasetScans> => {
    const entry = join(folder, 'process.mjs');
    await writeFile(
      entry,
      `const slow = new Map();
       process.on('message', ({ kind, id, spec }) => {
         if (kind === 'cancel') process.send({ id, kind: 'failed', error: { name: 'Error', message: 'was ' + slow.get(id) } });
         else if (spec.path.startsWith('/slow')) {
           slow.set(id, spec.path);
           process.send({ id, kind: 'progress', numSamples: 7 });
         } else if (spec.path !== '/away') process.send({ id, kind: 'done', dataset: { digest: spec.path } });
       });`,
    );
    const processUrl = pathToFileURL(entry);
    return new DatasetScans({ processUrl, keptFolder: folder, stores: readStoreSettings({}), silentMs });
  };
  const specOf = (path: string): DatasetSpec => datasetSchema.parse({ kind: 'image-folder', path });
  const tell = (): void => undefined;

  it('is ended where it gives no sign, and the next one serves who comes after', async () => {
    const scans = await scansOf(1_500);
    await expect(scans.inspect(specOf('/away'), tell)).rejects.toThrow('the disk did not answer for 1.5 s (/away)');
    expect(await scans.inspect(specOf('/there'), tell)).toEqual({ digest: '/there' });
    scans.onModuleDestroy();
  });

  it('serves those first for whom somebody waits, and ends a look that nobody wants any more', async () => {
    const scans = await scansOf(30_000);
    const begun = async (path: string): Promise<{ stop: AbortController; look: Promise<unknown> }> => {
      const stop = new AbortController();
      let isBegun = (): void => undefined;
      const beginning = new Promise<void>((resolve) => (isBegun = resolve));
      const onProgress = (_: string, numSamples?: number): void => void (numSamples === 7 && isBegun());
      const look = scans.inspect(specOf(path), onProgress, { signal: stop.signal, isBackground: true });
      look.catch(() => undefined);
      await beginning;
      return { stop, look };
    };
    const first = await begun('/slow1');
    const told: (number | undefined)[] = [];
    const stopSecond = new AbortController();
    const second = scans.inspect(specOf('/slow2'), (_, numSamples) => told.push(numSamples), {
      signal: stopSecond.signal,
      isBackground: true,
    });
    second.catch(() => undefined);
    expect(await scans.inspect(specOf('/there'), tell)).toEqual({ digest: '/there' });
    expect(told).toEqual([undefined]);
    const reason = new Error('no more');
    stopSecond.abort(reason);
    await expect(second).rejects.toBe(reason);
    first.stop.abort(reason);
    await expect(first.look).rejects.toBe(reason);
    // The place is free: another look at it begins.
    const again = await begun('/slow1');
    scans.onModuleDestroy();
    await expect(again.look).rejects.toThrow('going down');
  });
});
