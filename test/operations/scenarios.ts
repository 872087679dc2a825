import type { Scenario } from './scenario.js';
import { clocksOff } from './scenarios/clocks-off.js';
import { faults } from './scenarios/faults.js';
import { fullDisk } from './scenarios/full-disk.js';
import { nginxPlain } from './scenarios/nginx-plain.js';
import { nginxPrefix } from './scenarios/nginx-prefix.js';
import { prometheus } from './scenarios/prometheus.js';
import { foreignRedis } from './scenarios/foreign-redis.js';
import { redisFailover } from './scenarios/redis-failover.js';
import { redisTls } from './scenarios/redis-tls.js';
import { redisUser } from './scenarios/redis-user.js';

/** All scenarios, in the order in which they are played. */
export const SCENARIOS: readonly Scenario[] = [
  foreignRedis,
  fullDisk,
  faults,
  clocksOff,
  redisUser,
  redisTls,
  redisFailover,
  nginxPlain,
  nginxPrefix,
  prometheus,
];
