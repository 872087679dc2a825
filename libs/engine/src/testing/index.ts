export { type PixelBatch } from '../inference-engine.js';
export { laneGradients, randomBatch, randomState, relativeError } from './fixtures.js';
export { GraphInferenceEngine } from '../graph/graph-inference-engine.js';
export { PortableInferenceEngine } from '../portable/portable-inference-engine.js';
export { runOn } from '../portable/backend.js';
export { forward } from '../portable/forward.js';
export { asTensor4D } from '../portable/rank.js';
export { tensorLookup } from '../portable/tensor-lookup.js';
