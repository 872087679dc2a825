/** Entry of a data thread: owns the readers and one decoder, answers decode requests with transferred buffers. */
import { workerData } from 'node:worker_threads';
import { makeDecoder } from '../decoders/make-decoder.js';
import { IndexedReader, openFilesOf } from '#dataset';
import { CacheCounts } from '#stores';
import type { DataThreadData } from './decode-messages.js';
import { serveRequests } from '#threads';
import { decodeService } from './decode-service.js';
import { SampleDecoder } from './sample-decoder.js';
import { WindowCache } from './window-cache.js';

const data: DataThreadData = workerData;
const { train, validation, orientation, augmentation, pixelTransforms, seed, cacheBytes } = data;
// In one, so that what is fetched ahead for both splits comes in the order in which it is wanted.
const files = openFilesOf(train, new CacheCounts(data.cacheCounts));
const decoder = await makeDecoder(data.decoder);
// The validation set is smaller and visited every epoch too: each split may fill half.
const shared = { decoder, orientation, seed };
const decoders = {
  train: new SampleDecoder({
    ...shared,
    augmentation,
    pixelTransforms,
    reader: new IndexedReader(train, files),
    cache: new WindowCache(cacheBytes / 2),
  }),
  validation: new SampleDecoder({
    ...shared,
    augmentation: 'none',
    pixelTransforms: {},
    reader: new IndexedReader(validation, files),
    cache: new WindowCache(cacheBytes / 2),
  }),
};
serveRequests(decodeService(decoders, files));
