export { laneTree, maximalSubtrees, type LaneNode, type LaneTree } from './lane-tree.js';
export { addInto } from './add-into.js';
export { sumTree } from './sum-tree.js';
export { Reduction, type ValueOperations } from './reduction.js';
export type { Member } from './frame.schema.js';
export type { ConnectionEvent, ExchangeListener, GradientExchange, StateSnapshot, WaitOptions } from './exchange.js';
export { ParameterServer, type ParameterServerOptions, type ParameterServerStats } from './server.js';
export { ParameterServerClient, type ParameterServerClientOptions } from './client.js';
