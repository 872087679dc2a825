export { buildNetwork } from './network/build-network.js';
export type { NetworkOptions } from './network/network-options.js';
export { networkCosts, type NetworkCosts } from './network/network-costs.js';
export { classifierHead, classWeights } from './layout/classifier-head.js';
export { gradientStages, type GradientStage, type VectorPart } from './network/gradient-stages.js';
export { freezeParts } from './network/freeze-parts.js';
export { needsGradient } from './network/needs-gradient.js';
export { layoutOf } from './layout/vector-layout.js';
export { PIXEL_NORMALIZATION } from './network/pixel-normalization.js';
export type { LayerKind, NetworkNode, NodeOf } from './network/layers.js';
export type { Network } from './network/network.js';
export type { ParameterEntry, StatisticsEntry, VectorLayout } from './layout/layout.js';
export { initialState } from './layout/initial-state.js';
export type { NetworkState } from './layout/initial-state.js';
export {
  slotFromSafetensors,
  slotToSafetensors,
  weightsFromSafetensors,
  weightsToSafetensors,
  type LoadedWeights,
} from './weights/weights-file.js';
export { importWeights, loadWeights } from './weights/import-weights.js';
export { fitWeights, type WeightsFit } from './weights/fit-weights.js';
export { inspectWeights, type WeightsInspection } from './weights/inspect-weights.js';
export { readValueFaults } from './weights/read-value-faults.js';
export { networkText } from './weights/network-text.js';
export { openWeights, type OpenTensor } from './weights/open-weights.js';
export { isAverage } from './weights/stored-names.js';
export { saveWeights } from './weights/save-weights.js';
export { engineToTorch } from './weights/kernel-transpose.js';
