export { orEndWithWords } from './end-with-words.js';
export { isLoopback, reachableAt } from './environment/host-address.js';
export { parseEnvironment, presentVariables, type Environment } from './environment/parse-environment.js';
export { addressFaults, variables } from './environment/variables.js';
export { hideSecrets } from './hide-secrets.js';
export { createLogger, silentLogger, type Logger, type LoggerOptions } from './logger.js';
export { createMetricsRegistry } from './metrics-registry.js';
export { exitWhenParentGone, type ParentWatchOptions, type WatchedProcess } from './parent-watch.js';
export { onceToldToStop, STOP_SIGNALS } from './stop-signals.js';
