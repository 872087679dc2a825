/** Entry of a data thread: owns the readers and one decoder, answers decode requests with transferred buffers. */
import { workerData } from 'node:worker_threads';
import { makeDecoder } from '../decoders/make-decoder.js';
import { IndexedReader } from '#dataset';
import type { DataThreadData } from './decode-messages.js';
import { serveRequests } from '#threads';
import { decodeService } from './decode-service.js';
import { SampleDecoder } from './sample-decoder.js';
import { WindowCache } from './window-cache.js';

const data: DataThreadData = workerData;
const { train, validation, orientation, augmentation, pixelTransforms, seed, cacheBytes } = data;
const decoder = await makeDecoder(data.decoder);
// The validation set is smaller and visited every epoch too: each split may fill half.
const shared = { decoder, orientation, seed };
const decoders = {
  train: new SampleDecoder({
    ...shared,
    augmentation,
    pixelTransforms,
    reader: new IndexedReader(train),
    cache: new WindowCache(cacheBytes / 2),
  }),
  validation: new SampleDecoder({
    ...shared,
    augmentation: 'none',
    pixelTransforms: {},
    reader: new IndexedReader(validation),
    cache: new WindowCache(cacheBytes / 2),
  }),
};
serveRequests(decodeService(decoders));
