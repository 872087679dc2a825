import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { defaultCacheDirectory } from '#provision';
import { storeVariables } from '#stores';
import { deviceFaults, parseEnvironment, variables, type Environment } from '#telemetry';
import { z } from 'zod';

const configSchema = z.object({
  REDIS_URL: variables.REDIS_URL.default('redis://127.0.0.1:6379'),
  SKIPLANE_TOKEN: variables.SKIPLANE_TOKEN.default(''),
  SKIPLANE_PATIENCE_MS: variables.SKIPLANE_PATIENCE_MS.default(2_000),
  SKIPLANE_WORKER_ID: variables.SKIPLANE_WORKER_ID.default(
    `${hostname().replaceAll(/[^\w.-]/g, '-')}-${process.pid}-${randomBytes(2).toString('hex')}`,
  ),
  /** Default: 1 on a GPU, on each of several; one per core on a CPU. */
  SKIPLANE_ENGINES: variables.SKIPLANE_ENGINES.optional(),
  /** Default: 1 on a CPU, whose cores compute; on a GPU its share of the cores. */
  SKIPLANE_DATA_THREADS: variables.SKIPLANE_DATA_THREADS.optional(),
  SKIPLANE_SHARED_MEMORY: variables.SKIPLANE_SHARED_MEMORY.default('auto'),
  SKIPLANE_OVERLAP: variables.SKIPLANE_OVERLAP.default('auto'),
  SKIPLANE_DEVICE: variables.SKIPLANE_DEVICE.default('auto'),
  /** Default: the one of SKIPLANE_DEVICE. */
  SKIPLANE_DEVICES: variables.SKIPLANE_DEVICES.optional(),
  SKIPLANE_ENGINE: variables.SKIPLANE_ENGINE.default('auto'),
  SKIPLANE_HEALTH_FILE: variables.SKIPLANE_HEALTH_FILE.optional(),
  SKIPLANE_PARENT_WATCH: variables.SKIPLANE_PARENT_WATCH.default('0'),
  SKIPLANE_DATASET_PATHS: variables.SKIPLANE_DATASET_PATHS.default([]),
  ...storeVariables,
  LOG_LEVEL: variables.LOG_LEVEL.default('info'),
});

export type WorkerConfig = z.infer<typeof configSchema> & {
  /** What can be made or taken again, shared by the processes of this host. */
  readonly cacheDirectory: string;
  /** The set of GPUs to claim from, as CUDA reads it. An empty one hides all, unlike one that is not set. */
  readonly CUDA_VISIBLE_DEVICES?: string | undefined;
};

/** @throws RefusedInputError naming every fault at once. */
export function readConfig(environment: Environment): WorkerConfig {
  const values = parseEnvironment(configSchema, environment, faultsTogether);
  const cacheDirectory = defaultCacheDirectory(environment);
  return { ...values, cacheDirectory, CUDA_VISIBLE_DEVICES: environment['CUDA_VISIBLE_DEVICES'] };
}

function faultsTogether(present: Environment): readonly { readonly path: string; readonly message: string }[] {
  const { SKIPLANE_ENGINE: engine } = present;
  const onCpu = 'names a GPU, and SKIPLANE_ENGINE=portable computes on the CPU alone';
  const named = namedDevices(present);
  return [...deviceFaults(present), ...(engine === 'portable' ? named.map((path) => ({ path, message: onCpu })) : [])];
}

/** The variables that name a GPU. */
function namedDevices({ SKIPLANE_DEVICE: device = 'auto', SKIPLANE_DEVICES: devices }: Environment): readonly string[] {
  const isNamed = device !== 'auto' && device !== 'cpu';
  return [...(isNamed ? ['SKIPLANE_DEVICE'] : []), ...(devices === undefined ? [] : ['SKIPLANE_DEVICES'])];
}
