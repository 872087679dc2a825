export { buildNetwork } from './build-network.js';
export type { NetworkOptions } from './network-options.js';
export { networkCosts, type NetworkCosts } from './network-costs.js';
export { classifierHead, classWeights } from './classifier-head.js';
export { freezeParts } from './freeze-parts.js';
export { needsGradient } from './needs-gradient.js';
export { layoutOf } from './vector-layout.js';
export { PIXEL_NORMALIZATION } from './pixel-normalization.js';
export type { Network, NetworkNode } from './network.js';
export type { ParameterEntry, StatisticsEntry, VectorLayout } from './layout.js';
export { initialState } from './initial-state.js';
export type { NetworkState } from './network-state.js';
export {
  optimizerFromSafetensors,
  optimizerToSafetensors,
  weightsFromSafetensors,
  weightsToSafetensors,
  type LoadedWeights,
} from './weights/weights-file.js';
export { importWeights } from './weights/import-weights.js';
export { fitWeights } from './weights/fit-weights.js';
export { inspectWeights, type WeightsInspection } from './weights/inspect-weights.js';
export { readValueFaults } from './weights/read-value-faults.js';
export { readWeightsHeader, type WeightsHeader } from './weights/weights-header.js';
export { engineToTorch } from './weights/kernel-transpose.js';
