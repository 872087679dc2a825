import { join, resolve } from 'node:path';
import { storeSettings, storeVariables, type StoreSettings } from '#stores';
import { addressFaults, parseEnvironment, variables, type Environment, type RetentionRule } from '#telemetry';
import { z } from 'zod';
import { basePath } from './base-path.js';
import { trustedProxies } from './trusted-proxies.js';

const environmentSchema = z.object({
  REDIS_URL: variables.REDIS_URL.default('redis://127.0.0.1:6379'),
  HOST: variables.HOST.default('127.0.0.1'),
  SKIPLANE_PUBLISHED_HOST: variables.SKIPLANE_PUBLISHED_HOST.optional(),
  PORT: variables.PORT.default(3000),
  SKIPLANE_API_KEY: variables.SKIPLANE_API_KEY.optional(),
  SKIPLANE_DATA_DIR: variables.SKIPLANE_DATA_DIR.default('./data'),
  SKIPLANE_CHECKPOINT_DIR: variables.SKIPLANE_CHECKPOINT_DIR.optional(),
  SKIPLANE_RETENTION: variables.SKIPLANE_RETENTION.default([]),
  SKIPLANE_LOG_DIR: variables.SKIPLANE_LOG_DIR.optional(),
  SKIPLANE_PARAMETER_SERVERS: variables.SKIPLANE_PARAMETER_SERVERS.default(['127.0.0.1:7070']),
  SKIPLANE_TRUSTED_PROXIES: trustedProxies.default([]),
  SKIPLANE_BASE_PATH: basePath.default(''),
  SKIPLANE_PARENT_WATCH: variables.SKIPLANE_PARENT_WATCH.default('0'),
  ...storeVariables,
  LOG_LEVEL: variables.LOG_LEVEL.default('info'),
});

/** The coordinator's settings, checked once at start. */
export interface CoordinatorConfig {
  readonly redisUrl: string;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly apiKey: string | undefined;
  /** Absolute. Holds the runs' own record. */
  readonly dataDirectory: string;
  /** Absolute. Each run has a folder of its own in it. */
  readonly checkpointDirectory: string;
  /** Absolute. Where the stack's processes write their logs; undefined: nobody has said so. */
  readonly logDirectory: string | undefined;
  /** When runs that are over are deleted; empty: never. */
  readonly retention: readonly RetentionRule[];
  readonly parameterServers: readonly string[];
  /** Addresses, networks and names of them (`loopback`) whose X-Forwarded headers are believed. */
  readonly trustedProxies: readonly string[];
  /** What a proxy's clients see in front of every path, such as `/skiplane`; empty: nothing. */
  readonly basePath: string;
  /** How this host reaches stores. */
  readonly stores: StoreSettings;
  readonly exitsWithParent: boolean;
  readonly logLevel: string;
}

/** @throws RefusedInputError that names every fault at once. */
export function readConfig(environment: Environment): CoordinatorConfig {
  const values = parseEnvironment(environmentSchema, environment, addressFaults);
  const dataDirectory = resolve(values.SKIPLANE_DATA_DIR);
  return {
    redisUrl: values.REDIS_URL,
    host: values.HOST,
    port: values.PORT,
    apiKey: values.SKIPLANE_API_KEY,
    dataDirectory,
    checkpointDirectory: resolve(values.SKIPLANE_CHECKPOINT_DIR ?? join(dataDirectory, 'checkpoints')),
    logDirectory: values.SKIPLANE_LOG_DIR === undefined ? undefined : resolve(values.SKIPLANE_LOG_DIR),
    retention: values.SKIPLANE_RETENTION,
    parameterServers: values.SKIPLANE_PARAMETER_SERVERS,
    trustedProxies: values.SKIPLANE_TRUSTED_PROXIES,
    basePath: values.SKIPLANE_BASE_PATH,
    stores: storeSettings(values),
    exitsWithParent: values.SKIPLANE_PARENT_WATCH === '1',
    logLevel: values.LOG_LEVEL,
  };
}
