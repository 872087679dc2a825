/** Entry of an inference thread: owns one network with its weights. TensorFlow blocks here and nowhere else. */
import { workerData } from 'node:worker_threads';
import { layoutOf } from '#resnet';
import { serveRequests } from '../threads/serve-requests.js';
import type { InferenceEngine } from './inference-engine.js';
import type { InferenceRequest, InferenceThreadData } from './inference-messages.js';

const { network, engine: kind, weights }: InferenceThreadData = workerData;

/** Loads the engine's code only when it is asked for: the portable one must run where no TensorFlow library is. */
async function makeInferenceEngine(): Promise<InferenceEngine> {
  const layout = layoutOf(network);
  if (kind === 'graph') {
    const { GraphInferenceEngine } = await import('./graph-inference-engine.js');
    return new GraphInferenceEngine(network, layout);
  }
  const { PortableInferenceEngine } = await import('./portable-inference-engine.js');
  return new PortableInferenceEngine(network, layout);
}

const engine = await makeInferenceEngine();
engine.writeWeights(weights);

serveRequests<InferenceRequest, Float32Array<ArrayBuffer>>({
  answer: ({ images }) => engine.logits(images),
  transfers: (logits) => [logits.buffer],
});
