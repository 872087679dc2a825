import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { StoreSettings } from '#stores';
import { ObjectServer } from '../../../test/support/object-server/object-server.js';
import { detectDatasetKind } from './detect-kind.js';
import { writeCifar10, writeCifar100 } from './testing/test-cifar.js';
import { testFolder, writeSoundDataset, type TestFolder } from './testing/test-folder.js';
import { writeImageNetTars, writeKaggle } from './testing/test-imagenet.js';
import { writeShards } from './testing/test-shards.js';

describe('detectDatasetKind', () => {
  it('tells the kinds apart', async () => {
    await using images = await testFolder();
    await writeSoundDataset(images);
    await using ten = await testFolder();
    await writeCifar10(ten);
    await using hundred = await testFolder();
    await writeCifar100(hundred);
    expect(await detectDatasetKind(images.path)).toBe('image-folder');
    expect(await detectDatasetKind(ten.path)).toBe('cifar10');
    expect(await detectDatasetKind(hundred.path)).toBe('cifar100');
    await using table = await testFolder();
    await table.write('labels.csv', '');
    expect(await detectDatasetKind(table.path)).toBe('manifest');
    // Tables lie beside data of other kinds.
    await images.write('labels.csv', '');
    expect(await detectDatasetKind(images.path)).toBe('image-folder');
  });

  it('says what it expects where there is none, more than one, or no folder', async () => {
    await using folder = await testFolder();
    await expect(detectDatasetKind(folder.path)).rejects.toThrow(
      /no data set; expected one of[^]*cifar100: train\.bin/,
    );
    await writeSoundDataset(folder);
    await writeCifar10(folder);
    await expect(detectDatasetKind(folder.path)).rejects.toThrow(/more than one data set \(image-folder, cifar10\)/);
    await expect(detectDatasetKind(join(folder.path, 'nowhere'))).rejects.toThrow(/cannot be read as a folder/);
  });

  it('looks into folders where the location says nothing', async () => {
    await using folder = await testFolder();
    await writeShards(folder);
    await mkdir(join(folder.path, 'data'));
    await rename(join(folder.path, 'train-00.tar'), join(folder.path, 'data/train-00.tar'));
    await rename(join(folder.path, 'train-01.tar'), join(folder.path, 'data/train-01.tar'));
    await rename(join(folder.path, 'val-00.tar'), join(folder.path, 'data/val-00.tar'));
    await folder.write('README.md', '#');
    expect(await detectDatasetKind(folder.path)).toBe('webdataset');
    await using flat = await testFolder();
    await writeSoundDataset(flat);
    // Class folders without train/ and val/: the survey says what to do about them.
    expect(await detectDatasetKind(join(flat.path, 'train'))).toBe('image-folder');
  });

  it('lists buckets, and asks web servers for files that tell', async () => {
    await using server = await ObjectServer.start();
    const before = { ...process.env };
    Object.assign(process.env, { AWS_ENDPOINT_URL_S3: server.url, AWS_CONFIG_FILE: '/dev/null' });
    try {
      const stores: StoreSettings = {
        cache: { folder: '', maxBytes: 0 },
        s3PathStyle: 'auto',
        isS3Anonymous: true,
      };
      const cases: readonly (readonly [string, (folder: TestFolder) => Promise<void>, string | null])[] = [
        ['image-folder', writeSoundDataset, null],
        ['webdataset', writeShards, null],
        ['imagenet', writeImageNetTars, 'imagenet'],
        ['imagenet', writeKaggle, null],
        ['cifar10', writeCifar10, 'cifar10'],
        ['cifar100', writeCifar100, 'cifar100'],
        ['manifest', (folder) => folder.write('labels.csv', 'file,label'), null],
        ['webdataset', (folder) => folder.write('pack.json', '{}'), 'webdataset'],
      ];
      for (const [kind, write, byWeb] of cases) {
        await using folder = await testFolder();
        await write(folder);
        server.objects.clear();
        for (const entry of await readdir(folder.path, { recursive: true, withFileTypes: true })) {
          const path = join(entry.parentPath, entry.name);
          if (entry.isFile()) server.put(`bucket/data/${relative(folder.path, path)}`, await readFile(path));
        }
        expect(await detectDatasetKind('s3://bucket/data', { stores })).toBe(kind);
        const detected = detectDatasetKind(`${server.url}/bucket/data`, { stores });
        if (byWeb !== null) expect(await detected).toBe(byWeb);
        else await expect(detected).rejects.toThrow(/a web server cannot list its files, .*: name the kind/);
      }
      server.objects.clear();
      await expect(detectDatasetKind('s3://bucket/data', { stores })).rejects.toThrow(/holds no data set/);
    } finally {
      for (const name of ['AWS_ENDPOINT_URL_S3', 'AWS_CONFIG_FILE']) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
    }
  });
});
