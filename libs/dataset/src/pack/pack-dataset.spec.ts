import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { datasetSchema, RefusedInputError, type DatasetSpec } from '#contracts';
import { epochOrder } from '../order/epoch-order.js';
import type { IndexedReader } from '../indexed-reader.js';
import { openDataset } from '../open-dataset.js';
import { testFolder, testImage, type TestFolder } from '../testing/test-folder.js';
import { packDataset, type PackOptions, type PackResult } from './pack-dataset.js';
import { verifyPack } from './verify-pack.js';

let folder: TestFolder;
let dest: string;
beforeEach(async () => {
  folder = await testFolder();
  dest = join(folder.path, 'packed');
  for (const [at, name] of ['cat', 'dog', 'emu'].entries()) {
    for (let image = 0; image < 8; image += 1)
      await folder.write(`source/train/${name}/${image}.jpg`, await testImage('jpeg', at * 60 + image));
    await folder.write(`source/val/${name}/0.png`, await testImage('png', at * 60));
  }
  await folder.write('source/synset_words.txt', 'cat a cat, that purrs\n');
});
afterEach(async () => {
  await folder[Symbol.asyncDispose]();
});

const specOf = (path: string, fields: object = {}): DatasetSpec =>
  datasetSchema.parse({ kind: path === dest ? 'webdataset' : 'image-folder', path, ...fields });

async function pack(options: Partial<PackOptions> = {}): Promise<PackResult> {
  const source = await openDataset(specOf(join(folder.path, 'source')));
  return await packDataset(source, dest, {
    kind: 'image-folder',
    seed: 3,
    // Of three files each.
    shardBytes: 8_000,
    shrink: null,
    encode: (bytes) => Promise.resolve({ bytes, isEncoded: false, isTurned: false }),
    signal: new AbortController().signal,
    ...options,
  });
}

const shardsOf = async (): Promise<ReadonlyMap<string, string>> => {
  const names = (await readdir(dest)).filter((name) => name.endsWith('.tar')).toSorted();
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(dest, name), 'hex')] as const)),
  );
};
const samplesOf = (reader: IndexedReader, order: Iterable<number>): Promise<readonly (readonly [string, string])[]> =>
  Promise.all(
    Array.from(order, async (sample) => {
      const bytes = await reader.read(sample);
      return [reader.classes[reader.label(sample)] ?? '', Buffer.from(bytes).toString('hex')] as const;
    }),
  );
const inOrder = ({ length }: IndexedReader): number[] => Array.from({ length }, (_, sample) => sample);
const verified = (): ReturnType<typeof verifyPack> => verifyPack(dest, { signal: new AbortController().signal });

describe('a pack', () => {
  it('has the classes, names, bytes and labels of its source, training images in an order by the seed', async () => {
    const result = await pack();
    expect(result).toMatchObject({ numTrainSamples: 24, numValidationSamples: 3, numKept: 0, numEncoded: 0 });
    expect(result.numShards).toBeGreaterThan(4);
    const source = await openDataset(specOf(join(folder.path, 'source')));
    const opened = await openDataset(specOf(dest));
    expect([opened.classes, opened.classNames]).toEqual([source.classes, source.classNames]);
    expect(await samplesOf(opened.train, inOrder(opened.train))).toEqual(
      await samplesOf(source.train, epochOrder(3, 0, 24)),
    );
    expect(await samplesOf(opened.validation, inOrder(opened.validation))).toEqual(
      await samplesOf(source.validation, inOrder(source.validation)),
    );
    expect(await verified()).toEqual([]);
  });

  it('is read by its index as by a walk through its tars', async () => {
    await pack();
    const [{ train, digest }, part] = [
      await openDataset(specOf(dest)),
      { train: 'train-{00000..00003}.tar', validation: 'val-00000.tar' },
    ];
    expect((await openDataset(specOf(dest, part))).train.length).toBeLessThan(train.length);
    for (const name of ['pack.json', 'index']) await rm(join(dest, name), { recursive: true });
    const walked = await openDataset(specOf(dest));
    expect(walked.train.snapshot.index).toEqual(train.snapshot.index);
    // Its classes are numbers then.
    expect([walked.classes, walked.classNames[0], walked.digest === digest]).toEqual([
      ['0', '1', '2'],
      'a cat, that purrs',
      false,
    ]);
  });

  it('is gone on with after a kill, and has the same bytes', async () => {
    await pack();
    const whole = await shardsOf();
    await rm(dest, { recursive: true });
    const abort = new AbortController();
    const stopped = pack({
      signal: abort.signal,
      onProgress: ({ numSamples }) => {
        if (numSamples === 18) abort.abort(new Error('stop'));
      },
    });
    await expect(stopped).rejects.toThrow('stop');
    expect((await shardsOf()).size).toBeLessThan(whole.size);
    // A process that is killed cannot remove what it has begun.
    await writeFile(join(dest, '.train-00007.tar.tmp'), 'half');
    await expect(pack({ seed: 4 })).rejects.toThrow(/another seed/);
    expect((await pack()).numKept).toBeGreaterThan(1);
    expect([await shardsOf(), await pack()]).toEqual([whole, expect.objectContaining({ numKept: whole.size })]);
    expect((await readdir(dest)).filter((name) => name.startsWith('.'))).toEqual([]);
    await rm(join(dest, 'train-00001.tar'));
    await pack();
    expect(await shardsOf()).toEqual(whole);
  });

  it('names shards that are damaged, short or strange', async () => {
    await pack();
    const path = join(dest, 'train-00001.tar');
    const bytes = await readFile(path);
    bytes[1700] = (bytes[1700] ?? 0) ^ 1;
    await writeFile(path, bytes);
    await truncate(join(dest, 'train-00002.tar'), 5_000);
    expect(await verified()).toEqual([
      { path: 'train-00001.tar', message: 'is damaged: other bytes than were packed' },
      { path: 'train-00002.tar', message: expect.stringMatching(/^has 5000 bytes, was packed with/) },
    ]);
    // The same size, other samples.
    await writeFile(path, Buffer.alloc(bytes.length, 7));
    await writeFile(join(dest, 'index/train-00003.json'), '{}');
    const error: unknown = await openDataset(specOf(dest)).catch((reason: unknown) => reason);
    if (!(error instanceof RefusedInputError)) throw new Error('expected a refusal', { cause: error });
    expect(error.faults.map(({ path: shard, message }) => `${shard}: ${message}`).toSorted()).toEqual([
      expect.stringMatching(/^train-00001\.tar: is no tar/),
      expect.stringMatching(/^train-00002\.tar: has 5000 bytes/),
      'train-00003.tar: its index index/train-00003.json is damaged; pack again',
    ]);
  });

  it('is not written where something else lies, or a sample cannot be encoded', async () => {
    const encode = (): Promise<never> => Promise.reject(new Error('it is damaged'));
    await expect(pack({ encode })).rejects.toThrow(/^train\/.*\.jpg cannot be packed: it is damaged/);
    // The shards beside it have ended as well.
    expect((await readdir(dest)).toSorted()).toEqual(['.pack-plan.json', 'index']);
    await rm(dest, { recursive: true });
    await folder.write('packed/notes.txt', 'mine');
    await expect(pack()).rejects.toThrow(/packed holds something else \(notes\.txt\)/);
  });
});
