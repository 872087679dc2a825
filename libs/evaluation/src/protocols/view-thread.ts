/** Entry of a view thread: reads and decodes images and cuts the protocol's views out of them. */
import { workerData } from 'node:worker_threads';
import { makeDecoder } from '#data-loading';
import { IndexedReader } from '#dataset';
import { serveRequests } from '#threads';
import type { ViewRequest, ViewsOfSamples, ViewThreadData } from './view-messages.js';
import { ViewMaker } from './view-maker.js';

const { reader, decoder, ...options }: ViewThreadData = workerData;
const maker = new ViewMaker({ ...options, reader: new IndexedReader(reader), decoder: await makeDecoder(decoder) });

serveRequests<ViewRequest, ViewsOfSamples>({
  answer: ({ samples, imageSizes }) => maker.make(samples, imageSizes),
  transfers: ({ batches }) => batches.map(({ pixels }) => pixels.buffer),
});
