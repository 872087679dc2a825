/** Entry of an inference thread: owns one network with its weights. TensorFlow blocks here and nowhere else. */
import { workerData } from 'node:worker_threads';
import { serveRequests } from '#threads';
import type { InferenceRequest } from './inference-messages.js';
import { makeInferenceEngine } from '../make-inference-engine.js';

const engine = await makeInferenceEngine(workerData);

serveRequests<InferenceRequest, Float32Array<ArrayBuffer>>({
  answer: ({ images }) => engine.logits(images),
  transfers: (logits) => [logits.buffer],
});
