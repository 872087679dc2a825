/** Entry of a thread of test crops. */
import { workerData } from 'node:worker_threads';
import { makeDecoder } from '#data-loading';
import { IndexedReader, openFilesOf } from '#dataset';
import { serveRequests } from '#threads';
import type { TestCropThreadData } from './test-crop-messages.js';
import { TestCropMaker } from './test-crop-maker.js';
import { testCropService } from './test-crop-service.js';

const { reader: snapshot, decoder, ...options }: TestCropThreadData = workerData;
const files = openFilesOf(snapshot);
const reader = new IndexedReader(snapshot, files);
const maker = new TestCropMaker({ ...options, reader, decoder: await makeDecoder(decoder) });

serveRequests(testCropService({ maker, reader, files }));
