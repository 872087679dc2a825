import type { Scenario } from './scenario.js';
import { nginxPlain } from './scenarios/nginx-plain.js';
import { nginxPrefix } from './scenarios/nginx-prefix.js';
import { prometheus } from './scenarios/prometheus.js';
import { foreignRedis } from './scenarios/foreign-redis.js';

/** All scenarios, in the order in which they are played. */
export const SCENARIOS: readonly Scenario[] = [foreignRedis, nginxPlain, nginxPrefix, prometheus];
