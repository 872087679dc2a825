import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { protocolSchema } from '#contracts';
import { makeDecoder } from '#data-loading';
import { IndexedReader, openFilesOf, type ReaderSnapshot } from '#dataset';
import { SampleIndexBuilder } from '#dataset/testing';
import type { LocalFiles } from '#stores';
import { RequestsInProcess } from '#threads/testing';
import { ObjectServer } from '../../../../test/support/object-server/object-server.js';
import { TestCropLoader } from './test-crop-loader.js';
import { TestCropMaker } from './test-crop-maker.js';
import type { TestCropAnswers, TestCropRequest } from './test-crop-messages.js';
import { testCropService } from './test-crop-service.js';

const NUM_SHARDS = 6;
const IMAGE_SIZE = 32;

let server: ObjectServer;
let folder: string;
let snapshot: ReaderSnapshot;
const opened: LocalFiles[] = [];
/** Shards of one image. */
beforeEach(async () => {
  server = await ObjectServer.start();
  folder = await mkdtemp(join(tmpdir(), 'skiplane-crops-'));
  const create = { width: 40, height: 40, channels: 3, background: 'red' } as const;
  const image = await sharp({ create }).jpeg().toBuffer();
  const builder = new SampleIndexBuilder();
  for (let shard = 0; shard < NUM_SHARDS; shard += 1) {
    const path = `${shard}.tar`;
    server.put(`data/${path}`, Buffer.concat([Buffer.alloc(512), image]));
    const version = server.objects.get(`data/${path}`)?.etag ?? '';
    const file = builder.addFile(path, { sizeBytes: 512 + image.length, version });
    builder.add({ file, offset: 512, length: image.length, label: shard % 2 });
  }
  snapshot = {
    source: {
      location: `${server.url}/data/`,
      settings: { cache: { folder, maxBytes: 1e6 }, s3PathStyle: 'auto', isS3Anonymous: false },
    },
    kind: 'webdataset',
    classes: ['a', 'b'],
    index: builder.build(),
    encoding: { kind: 'file' },
  };
});
afterEach(async () => {
  for (const files of opened.splice(0)) files.close();
  await server.close();
  // What is being fetched is given up a moment later.
  await rm(folder, { recursive: true, maxRetries: 10 });
});

async function thread(): Promise<RequestsInProcess<TestCropRequest, TestCropAnswers>> {
  const files = openFilesOf(snapshot);
  opened.push(files);
  const reader = new IndexedReader(snapshot, files);
  const decoder = await makeDecoder('portable');
  const protocol = protocolSchema.parse({ kind: 'center' });
  const maker = new TestCropMaker({ reader, decoder, orientation: 'upright', protocol });
  return new RequestsInProcess(testCropService({ maker, reader, files }));
}

const rounds = {
  numRounds: NUM_SHARDS / 2,
  samplesARound: 1,
  mostRounds: NUM_SHARDS / 2,
  samples: (lane: number, round: number) => Uint32Array.of(2 * round + lane),
};
const requested = (): readonly string[] => server.requests.map((request) => request.replace('GET data/', ''));

describe('test crops of samples in a store', () => {
  it('have the shards of the lanes of this process fetched ahead, round by round', async () => {
    const threads = [await thread(), await thread()];
    const loader = new TestCropLoader({ threads, split: 'val', isFetched: true });
    const follow = loader.follow(rounds);
    follow([1], 0);
    const { labels, failures } = await loader.crops(Uint32Array.of(1), [IMAGE_SIZE]);
    expect([...labels, failures]).toEqual([1, []]);
    for (const end = Date.now() + 30_000; requested().length < 3 && Date.now() < end;)
      await new Promise((resolve) => setTimeout(resolve, 5));
    expect(requested().toSorted()).toEqual(['1.tar', '3.tar', '5.tar']);
    // What has been told is not told again; another lane is.
    follow([1], 0);
    await loader.crops(Uint32Array.of(1), [IMAGE_SIZE]);
    follow([0, 1], 0);
    await loader.crops(Uint32Array.of(0), [IMAGE_SIZE]);
    const aheads = threads.flatMap(({ requests }) => requests.map(({ ahead }) => ahead?.[0]?.samples));
    expect(aheads).toEqual([Uint32Array.of(1, 3, 5), undefined, Uint32Array.of(1, 0, 3, 2, 5, 4)]);
    await loader.close();
  });

  it('of the disk are read where they lie, and nothing is told', async () => {
    const threads = [await thread()];
    const loader = new TestCropLoader({ threads, split: 'val', isFetched: false });
    loader.follow(rounds)([0, 1], 0);
    await loader.crops(Uint32Array.of(0), [IMAGE_SIZE]);
    expect(threads[0]?.requests.map(({ ahead }) => ahead)).toEqual([undefined]);
    await loader.close();
  });
});
