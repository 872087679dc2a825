/** Entry of a data thread: owns the readers and one decoder, answers decode requests with transferred buffers. */
import { parentPort, workerData } from 'node:worker_threads';
import { makeDecoder } from '../decoders/make-decoder.js';
import { IndexedReader } from '#dataset';
import type { DataThreadData, DecodeRequest } from './decode-messages.js';
import { DecodeService } from './decode-service.js';
import { SampleDecoder } from './sample-decoder.js';
import { WindowCache } from './window-cache.js';

const port = parentPort;
if (!port) throw new Error('data-thread runs as a worker thread only');
const data: DataThreadData = workerData;
const { train, validation, orientation, augmentation, retouch, seed, cacheBytes } = data;
const decoder = await makeDecoder(data.decoder);
// The validation set is smaller and visited every epoch too: each split may fill half.
const shared = { decoder, orientation, seed };
const service = new DecodeService({
  train: new SampleDecoder({
    ...shared,
    augmentation,
    retouch,
    reader: new IndexedReader(train),
    cache: new WindowCache(cacheBytes / 2),
  }),
  validation: new SampleDecoder({
    ...shared,
    augmentation: 'none',
    retouch: {},
    reader: new IndexedReader(validation),
    cache: new WindowCache(cacheBytes / 2),
  }),
  reply: (reply, transfer) => port.postMessage(reply, [...transfer]),
});
port.on('message', (request: DecodeRequest) => service.receive(request));
port.postMessage('ready');
