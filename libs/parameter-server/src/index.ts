export { foldTree, laneTree, maximalSubtrees, type LaneNode, type LaneTree } from './reduce/lane-tree.js';
export { sumOfParts, sumTree } from './reduce/sum-tree.js';
export type { Participant } from './wire/frame.schema.js';
export type {
  ConnectionEvent,
  ExchangeListener,
  GradientExchange,
  OpenPush,
  StateRequest,
  StateSnapshot,
  VectorForm,
  WaitOptions,
} from './exchange.js';
export { ParameterServer, type ParameterServerOptions, type ParameterServerStats } from './server/server.js';
export { ParameterServerClient } from './client/client.js';
export { type ParameterServerClientOptions } from './client/client-options.js';
export { probeServer } from './client/probe-server.js';
export { type AskedServer } from './client/ask-server.js';
export { checkHealth, type HealthCheckOptions } from './client/health-check.js';
