export { buildNetwork, type NetworkOptions } from './build-network.js';
export { layoutOf } from './vector-layout.js';
export type { Network, NetworkNode } from './network.js';
export type { ParameterEntry, StatisticsEntry, VectorLayout } from './layout.js';
