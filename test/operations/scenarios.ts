import type { Scenario } from './scenario.js';
import { foreignRedis } from './scenarios/foreign-redis.js';

/** All scenarios, in the order in which they are played. */
export const SCENARIOS: readonly Scenario[] = [foreignRedis];
