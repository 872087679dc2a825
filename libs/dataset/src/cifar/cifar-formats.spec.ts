import { describe, expect, it } from '@jest/globals';
import { rm, truncate, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { RefusedInputError, type DatasetSpec } from '#contracts';
import { inspectDataset } from '../inspect-dataset.js';
import { openDataset } from '../open-dataset.js';
import { detectDatasetKind } from '../detect-kind.js';
import { readerConformance } from '../testing/reader-conformance.js';
import { testFolder, type TestFolder } from '../testing/test-folder.js';
import { testPixels, testRecords, writeCifar10, writeCifar100 } from '../testing/test-cifar.js';

const cifar10 = ({ path }: TestFolder): DatasetSpec => ({ kind: 'cifar10', path });
const cifar100 = ({ path }: TestFolder, labels: 'fine' | 'coarse'): DatasetSpec => ({ kind: 'cifar100', path, labels });

async function faultsOf(spec: DatasetSpec): Promise<readonly { path: string; message: string }[]> {
  const error: unknown = await openDataset(spec).catch((reason: unknown) => reason);
  if (!(error instanceof RefusedInputError)) throw new Error('expected a refusal', { cause: error });
  return error.faults;
}

readerConformance('CIFAR-10', async () => {
  const folder = await testFolder();
  await writeCifar10(folder);
  const { train } = await openDataset(cifar10(folder));
  const expected = [3, 9, 0, 1, 3, 4, 5].map((label, seed) => ({ label, bytes: testPixels(seed) }));
  return { folder, reader: train, expected, damage: () => truncate(join(folder.path, 'data_batch_1.bin'), 3000) };
});

for (const labels of ['fine', 'coarse'] as const) {
  readerConformance(`CIFAR-100 with ${labels} labels`, async () => {
    const folder = await testFolder();
    await writeCifar100(folder);
    const { train } = await openDataset(cifar100(folder, labels));
    const expected = (labels === 'fine' ? [49, 99, 0] : [11, 0, 19]).map((label, seed) => ({
      label,
      bytes: testPixels(seed),
    }));
    return { folder, reader: train, expected, damage: () => rm(folder.path, { recursive: true }) };
  });
}

describe('the binary versions of CIFAR', () => {
  it('reads class names, numbers and where a sample lies', async () => {
    await using folder = await testFolder();
    await writeCifar10(folder);
    const { train, validation, classes } = await openDataset(cifar10(folder));
    expect(classes).toHaveLength(10);
    expect([classes[3], classes[9]]).toEqual(['cat', 'truck']);
    expect(train.describe(3)).toBe('data_batch_2.bin, byte 3074');
    expect([validation.length, validation.label(1)]).toEqual([2, 8]);
    expect(Buffer.compare(await validation.read(1), testPixels(8))).toBe(0);
  });

  it('takes the 100 classes or the 20 superclasses', async () => {
    await using folder = await testFolder();
    await writeCifar100(folder);
    const fine = await inspectDataset(cifar100(folder, 'fine'));
    const coarse = await inspectDataset(cifar100(folder, 'coarse'));
    expect(fine).toMatchObject({ numTrainSamples: 3, numValidationSamples: 1, skipped: [] });
    expect([fine.classes.length, fine.classes[49]]).toEqual([100, 'fine_49']);
    expect([coarse.classes.length, coarse.classes[11]]).toEqual([20, 'coarse_11']);
    expect(coarse.digest).not.toBe(fine.digest);
  });

  it('names missing files, wrong sizes, labels out of range and missing names at once', async () => {
    await using folder = await testFolder();
    await writeCifar10(folder);
    await unlink(join(folder.path, 'batches.meta.txt'));
    await unlink(join(folder.path, 'data_batch_4.bin'));
    await truncate(join(folder.path, 'data_batch_2.bin'), 6000);
    await folder.write('data_batch_3.bin', '');
    await folder.write('test_batch.bin', testRecords([[7], [10], [255]]));
    expect(await faultsOf(cifar10(folder))).toEqual([
      { path: 'batches.meta.txt', message: expect.stringContaining('10 class names') },
      { path: 'data_batch_2.bin', message: '6000 bytes are not a multiple of 3073: 1 records and 2927 bytes' },
      { path: 'data_batch_3.bin', message: 'the file is empty' },
      { path: 'data_batch_4.bin', message: 'there is no such file' },
      { path: 'test_batch.bin', message: 'record 1 has the label 10, expected 0 to 9 (and 1 more records)' },
    ]);
  });

  it('checks both labels of CIFAR-100 and the number of names', async () => {
    await using folder = await testFolder();
    await writeCifar100(folder);
    await folder.write('coarse_label_names.txt', 'one\ntwo\n');
    await folder.write(
      'train.bin',
      testRecords([
        [20, 3],
        [1, 100],
      ]),
    );
    const faults = await faultsOf(cifar100(folder, 'coarse'));
    expect(faults.map(({ message }) => message)).toEqual([
      'expected 20 class names, one a line; there are 2',
      'record 0 has the coarse label 20, expected 0 to 19',
      'record 1 has the fine label 100, expected 0 to 99',
    ]);
  });

  it('says where the files are when the folder is the wrong one', async () => {
    await using folder = await testFolder();
    expect((await faultsOf(cifar10({ ...folder, path: join(folder.path, 'nowhere') })))[0]?.message).toMatch(
      /there is no folder/,
    );
    await folder.write('cifar-10-batches-bin/readme.html', '');
    expect((await faultsOf(cifar10(folder)))[0]?.message).toMatch(/one folder deeper: give cifar-10-batches-bin/);
    await folder.write('train', 'pickle');
    expect((await faultsOf(cifar100(folder, 'fine')))[0]?.message).toMatch(
      /get the binary version, cifar-100-binary\.tar\.gz, of https/,
    );
    await using python = await testFolder();
    await python.write('data_batch_1', 'pickle');
    await python.write('batches.meta', 'pickle');
    expect(await detectDatasetKind(python.path)).toBe('cifar10');
    expect((await faultsOf(cifar10(python)))[0]?.message).toMatch(/Python or MATLAB version.*cifar-10-binary\.tar\.gz/);
    await using packed = await testFolder();
    await packed.write('cifar-10-binary.tar.gz', 'gzip');
    expect((await faultsOf(cifar10(packed)))[0]).toEqual({
      path: 'cifar-10-binary.tar.gz',
      message: 'is packed: unpack it',
    });
  });

  it('gives the same digest wherever the files lie and another for one other pixel', async () => {
    const digestOf = async (change: Record<string, Uint8Array> = {}): Promise<string> => {
      await using folder = await testFolder();
      await writeCifar10(folder);
      for (const [file, bytes] of Object.entries(change)) await folder.write(file, bytes);
      return (await inspectDataset(cifar10(folder))).digest;
    };
    const base = await digestOf();
    expect(await digestOf()).toBe(base);
    const altered = testRecords([[7], [8]], 7);
    altered[500] = (altered[500] ?? 0) ^ 1;
    expect(await digestOf({ 'test_batch.bin': altered })).not.toBe(base);
  });

  it('reports progress over all files of a split and stops when it is told to', async () => {
    await using folder = await testFolder();
    await writeCifar10(folder);
    const seen: unknown[] = [];
    await openDataset(cifar10(folder), { onProgress: (progress) => seen.push(progress) });
    expect(seen.slice(4)).toEqual([
      { split: 'train', numSamples: 7 },
      { split: 'val', numSamples: 2 },
    ]);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(openDataset(cifar10(folder), { signal })).rejects.toThrow('enough');
  });
});
