import { randomBytes } from 'node:crypto';
import { storeVariables } from '#stores';
import { addressFaults, deviceFaults, parseEnvironment, variables, type Environment } from '#telemetry';
import type { DeviceSet } from '#tensorflow-runtime';
import { z } from 'zod';
import { readStackConfig, stackVariables, type StackConfig } from './stack-config.js';

/** All that the processes of a stack read, so that what one of them would refuse is refused before any of them starts. */
const schema = z.object({
  ...stackVariables,
  SKIPLANE_PUBLISHED_HOST: variables.SKIPLANE_PUBLISHED_HOST.optional(),
  SKIPLANE_API_KEY: variables.SKIPLANE_API_KEY.optional(),
  SKIPLANE_TOKEN: variables.SKIPLANE_TOKEN.optional(),
  SKIPLANE_CHECKPOINT_DIR: variables.SKIPLANE_CHECKPOINT_DIR.optional(),
  SKIPLANE_RETENTION: variables.SKIPLANE_RETENTION.optional(),
  SKIPLANE_DATASET_PATHS: variables.SKIPLANE_DATASET_PATHS.optional(),
  SKIPLANE_WORKER_ID: variables.SKIPLANE_WORKER_ID.optional(),
  SKIPLANE_ENGINES: variables.SKIPLANE_ENGINES.optional(),
  SKIPLANE_DATA_THREADS: variables.SKIPLANE_DATA_THREADS.optional(),
  SKIPLANE_SHARED_MEMORY: variables.SKIPLANE_SHARED_MEMORY.optional(),
  SKIPLANE_OVERLAP: variables.SKIPLANE_OVERLAP.optional(),
  SKIPLANE_DEVICE: variables.SKIPLANE_DEVICE.default('auto'),
  SKIPLANE_DEVICES: variables.SKIPLANE_DEVICES.optional(),
  SKIPLANE_PATIENCE_MS: variables.SKIPLANE_PATIENCE_MS.optional(),
  SKIPLANE_MEMORY_LIMIT_MIB: variables.SKIPLANE_MEMORY_LIMIT_MIB.optional(),
  SKIPLANE_METRICS_PORT: variables.SKIPLANE_METRICS_PORT.optional(),
  ...storeVariables,
  LOG_LEVEL: variables.LOG_LEVEL.optional(),
});

/** What a stack sets itself, and why nobody else may. */
const OWN: Readonly<Record<string, string>> = {
  SKIPLANE_PARAMETER_SERVERS: 'must be unset: a stack starts parameter servers of its own',
  SKIPLANE_LOG_DIR: 'must be unset: a stack writes its logs to the folder logs in SKIPLANE_DATA_DIR',
};

/** What a launcher has to know of its processes' variables; the rest they read themselves. */
export interface LaunchSettings {
  /** Where the coordinator listens. */
  readonly host: string;
  readonly apiKey: string | undefined;
  /** Drawn where none is given. */
  readonly token: string;
  /** Of the first worker; further ones add a number. */
  readonly workerId: string | undefined;
  readonly engines: number | undefined;
  /** `auto`, `cpu` or the index of a GPU. */
  readonly device: string;
  /** Devices that one worker computes on together. */
  readonly devices: DeviceSet | undefined;
  /** Of the first parameter server; further ones take the next ports. */
  readonly metricsPort: number | undefined;
}

/** @throws RefusedInputError that names every fault at once. */
export function readLaunchSettings(environment: Environment): LaunchSettings {
  const values = parseEnvironment(schema, environment, (present) => [
    ...addressFaults(present),
    ...deviceFaults(present),
    ...Object.entries(OWN).flatMap(([path, message]) => (present[path] === undefined ? [] : [{ path, message }])),
  ]);
  return {
    host: values.HOST,
    apiKey: values.SKIPLANE_API_KEY,
    token: values.SKIPLANE_TOKEN ?? randomBytes(24).toString('hex'),
    workerId: values.SKIPLANE_WORKER_ID,
    engines: values.SKIPLANE_ENGINES,
    device: values.SKIPLANE_DEVICE,
    devices: values.SKIPLANE_DEVICES,
    metricsPort: values.SKIPLANE_METRICS_PORT,
  };
}

/**
 * For a command that starts a stack: looks at all that its processes read before anything is done.
 * @throws RefusedInputError that names every fault at once.
 */
export function readLaunchConfig(environment: Environment): StackConfig {
  readLaunchSettings(environment);
  return readStackConfig(environment);
}
