import { layoutOf } from '#resnet';
import { checkPortable } from './engine-input.js';
import type { InferenceEngine } from './inference-engine.js';
import type { InferenceThreadData } from './pool/inference-messages.js';

/**
 * An engine with its weights. Loads its code only when it is asked for: the portable one must run where no TensorFlow
 * library is. Throws RefusedInputError where that one is to compute in another precision than fp32.
 */
export async function makeInferenceEngine({ network, engine: kind, precision, weights }: InferenceThreadData) {
  const layout = layoutOf(network);
  let engine: InferenceEngine;
  if (kind === 'graph') {
    const { GraphInferenceEngine } = await import('./graph/graph-inference-engine.js');
    engine = new GraphInferenceEngine(network, layout, precision);
  } else {
    checkPortable(precision);
    const { PortableInferenceEngine } = await import('./portable/portable-inference-engine.js');
    engine = new PortableInferenceEngine(network, layout);
  }
  engine.writeWeights(weights);
  return engine;
}
