export { createRedisConnection, type RedisConnectionOptions, type RedisPurpose } from './redis-connection.js';
export { planShards, shardJobId, shardsPerEpoch, type ShardPlanRequest } from './shard-planner.js';
export { ShardQueue, type ShardQueueOptions } from './shard-queue.js';
export { ReportReader, type ReportReaderOptions } from './report-reader.js';
export { readWorkers } from './worker-registry.js';
export { AssignmentBoard } from './assignment-board.js';
