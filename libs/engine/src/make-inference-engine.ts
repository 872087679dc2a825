import { layoutOf } from '#resnet';
import type { InferenceEngine } from './inference-engine.js';
import type { InferenceThreadData } from './pool/inference-messages.js';

/** An engine with its weights. Loads its code only when it is asked for: the portable one must run where no TensorFlow library is. */
export async function makeInferenceEngine({ network, engine: kind, weights }: InferenceThreadData) {
  const layout = layoutOf(network);
  let engine: InferenceEngine;
  if (kind === 'graph') {
    const { GraphInferenceEngine } = await import('./graph/graph-inference-engine.js');
    engine = new GraphInferenceEngine(network, layout);
  } else {
    const { PortableInferenceEngine } = await import('./portable/portable-inference-engine.js');
    engine = new PortableInferenceEngine(network, layout);
  }
  engine.writeWeights(weights);
  return engine;
}
