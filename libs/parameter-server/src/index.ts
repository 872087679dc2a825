export { laneTree, maximalSubtrees, type LaneNode, type LaneTree } from './lane-tree.js';
export { sumTree } from './sum-tree.js';
export { allFinite } from './all-finite.js';
export { freeMemory } from './free-memory.js';
export type { Member } from './frame.schema.js';
export type { ConnectionEvent, ExchangeListener, GradientExchange, StateSnapshot, WaitOptions } from './exchange.js';
export { ParameterServer, type ParameterServerOptions, type ParameterServerStats } from './server.js';
export { ParameterServerClient, type ParameterServerClientOptions } from './client.js';
export { checkHealth, type HealthCheckOptions } from './health-check.js';
