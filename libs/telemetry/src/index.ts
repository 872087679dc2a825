export { createLogger, silentLogger, type Logger, type LoggerOptions } from './logger.js';
export { createMetricsRegistry } from './metrics-registry.js';
export { exitWhenParentGone, type ParentWatchOptions, type WatchedProcess } from './parent-watch.js';
