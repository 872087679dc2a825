import { resolve } from 'node:path';
import { defaultCacheDirectory } from '#provision';
import { parseEnvironment, presentVariables, variables, type Environment } from '#telemetry';
import type { DeviceSet } from '#tensorflow-runtime';
import { z } from 'zod';
import { DEFAULT_LOG_LIMITS, type LogLimits } from './log-rotation.js';

/** What such commands read. */
export const stackVariables = {
  REDIS_URL: variables.REDIS_URL.optional(),
  HOST: variables.HOST.default('127.0.0.1'),
  PORT: variables.PORT.optional(),
  SKIPLANE_DATA_DIR: variables.SKIPLANE_DATA_DIR.default('./data'),
  SKIPLANE_CACHE_DIR: variables.SKIPLANE_CACHE_DIR.optional(),
  SKIPLANE_DEVICE: variables.SKIPLANE_DEVICE.default('auto'),
  SKIPLANE_DEVICES: variables.SKIPLANE_DEVICES.optional(),
  SKIPLANE_ENGINE: variables.SKIPLANE_ENGINE.default('auto'),
  SKIPLANE_LOG_MAX_MIB: variables.SKIPLANE_LOG_MAX_MIB.default(DEFAULT_LOG_LIMITS.maxBytes / 2 ** 20),
  SKIPLANE_LOG_KEEP: variables.SKIPLANE_LOG_KEEP.default(DEFAULT_LOG_LIMITS.numKept),
};
const schema = z.object(stackVariables);

/** What commands that start or provision something read from the environment. */
export interface StackConfig {
  readonly redisUrl: string | undefined;
  /** Where the coordinator listens. */
  readonly host: string;
  readonly port: number | undefined;
  /** Absolute. */
  readonly dataDirectory: string;
  readonly cacheDirectory: string;
  /** What computes: `auto`, `cpu`, or one GPU. */
  readonly device: string;
  /** Devices that one worker computes on together. */
  readonly devices: DeviceSet | undefined;
  /** `CUDA_VISIBLE_DEVICES` as it is given: an empty one hides all GPUs. */
  readonly visibleDevices: string | undefined;
  readonly engine: 'auto' | 'graph' | 'portable';
  readonly logLimits: LogLimits;
}

/** @throws RefusedInputError that names every fault at once. */
export function readStackConfig(environment: Environment): StackConfig {
  const values = parseEnvironment(schema, environment);
  return {
    redisUrl: values.REDIS_URL,
    host: values.HOST,
    port: values.PORT,
    dataDirectory: resolve(values.SKIPLANE_DATA_DIR),
    cacheDirectory: defaultCacheDirectory(presentVariables(environment)),
    device: values.SKIPLANE_DEVICE,
    devices: values.SKIPLANE_DEVICES,
    visibleDevices: environment['CUDA_VISIBLE_DEVICES'],
    engine: values.SKIPLANE_ENGINE,
    logLimits: { maxBytes: values.SKIPLANE_LOG_MAX_MIB * 2 ** 20, numKept: values.SKIPLANE_LOG_KEEP },
  };
}
