export type { Network, NetworkNode } from './network.js';
export type { ParameterEntry, StatisticsEntry, VectorLayout } from './layout.js';
