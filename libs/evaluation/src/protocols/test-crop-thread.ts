/** Entry of a thread of test crops: reads and decodes images and cuts the protocol's crops out of them. */
import { workerData } from 'node:worker_threads';
import { makeDecoder } from '#data-loading';
import { IndexedReader } from '#dataset';
import { serveRequests } from '#threads';
import type { TestCropRequest, TestCropsOfSamples, TestCropThreadData } from './test-crop-messages.js';
import { TestCropMaker } from './test-crop-maker.js';

const { reader, decoder, ...options }: TestCropThreadData = workerData;
const maker = new TestCropMaker({ ...options, reader: new IndexedReader(reader), decoder: await makeDecoder(decoder) });

serveRequests<TestCropRequest, TestCropsOfSamples>({
  answer: ({ samples, imageSizes }) => maker.make(samples, imageSizes),
  transfers: ({ batches }) => batches.map(({ pixels }) => pixels.buffer),
});
