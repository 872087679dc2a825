import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManifest, readManifest, verifyManifest, writeManifest, type Manifest } from './manifest.js';

describe('manifest', () => {
  let folder: string;
  let file: string;
  let manifest: Manifest;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skiplane-manifest-'));
    file = join(folder, 'library.so');
    await writeFile(file, 'machine code');
    manifest = await createManifest(folder, { description: 'a library', version: '1' });
    await writeManifest(folder, manifest);
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is read back as it was written, and lists itself never', async () => {
    expect(await readManifest(folder)).toEqual(manifest);
    expect((await createManifest(folder, manifest)).files.map(({ path }) => path)).toEqual(['library.so']);
  });

  it('finds nothing wrong with what was not touched', async () => {
    expect(await verifyManifest(folder, manifest, 'quick')).toEqual([]);
    expect(await verifyManifest(folder, manifest, 'full')).toEqual([]);
  });

  it('finds a missing file, another size and a new time quickly', async () => {
    await utimes(file, 1, 1);
    expect((await verifyManifest(folder, manifest, 'quick'))[0]).toContain('was changed at');
    await writeFile(file, 'longer machine code');
    expect((await verifyManifest(folder, manifest, 'quick'))[0]).toContain('has 19 bytes, expected 12');
    await rm(file);
    expect(await verifyManifest(folder, manifest, 'quick')).toEqual(['library.so is missing']);
  });

  it('finds other bytes of the same size by their hash', async () => {
    await writeFile(file, 'MACHINE CODE');
    expect((await verifyManifest(folder, manifest, 'full'))[0]).toContain('another SHA-256');
  });

  it('takes a manifest that is no JSON, or of another shape, for none', async () => {
    await writeFile(join(folder, 'manifest.json'), '{"files": 3}');
    expect(await readManifest(folder)).toBeUndefined();
    await writeFile(join(folder, 'manifest.json'), '{');
    expect(await readManifest(folder)).toBeUndefined();
  });
});
