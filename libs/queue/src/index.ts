export {
  createRedisConnection,
  whyRedisFails,
  type RedisConnectionOptions,
  type RedisPurpose,
} from './redis-connection.js';
export { checkRedis, whenRedisIsFit } from './redis-access/check-redis.js';
export { REDIS_ACL_RULE } from './redis-access/redis-rights.js';
export { redisFault, type RedisFault } from './redis-access/redis-fault.js';
export { epochSize, planShards, type ShardPlanRequest } from './shard-planner.js';
export { ShardQueue, type ShardQueueOptions } from './shard-queue.js';
export { ReportReader, type ReceivedReport, type ReportReaderOptions } from './report-reader.js';
export { CoordinatorLease, CoordinatorLeaseTakenError, type LeaseHolder } from './coordinator-lease.js';
export { readWorkers, type WorkersHeard } from './worker-registry.js';
export { AssignmentBoard, planText } from './assignment-board.js';
export { IndexBoard, type TakeIndexOptions } from './index-board.js';
export { provisionRedis, type ProvisionRedisOptions, type RedisServer } from './embedded-redis/provision-redis.js';
export {
  startEmbeddedRedis,
  type EmbeddedRedis,
  type EmbeddedRedisOptions,
} from './embedded-redis/start-embedded-redis.js';
export { freePort } from './embedded-redis/free-port.js';
export { inspectRedis, type RedisInspection } from './embedded-redis/inspect-redis.js';
export { LaneLeases, type LaneLease, type LaneLeasesOptions } from './lane-leases.js';
export { WorkerLink, type WorkerLinkOptions } from './worker-link.js';
export {
  PredictionFailedError,
  PredictionQueue,
  PredictionTimeoutError,
  type PredictionQueueOptions,
} from './prediction-queue.js';
export { PredictionServer, type PredictionServerOptions } from './prediction-server.js';
export { REDIS_KEYS, WORKER_TTL_MS } from './redis-keys.js';
