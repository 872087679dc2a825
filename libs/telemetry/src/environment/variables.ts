import { z } from 'zod';
import { datasetPaths } from './dataset-paths.js';
import { redisUrl } from './redis-url.js';
import { retention } from './retention.js';
import { isLoopback, plainHost } from './host-address.js';

/** A whole number, written in digits. */
function wholeNumber(minimum: number, maximum: number): z.ZodType<number> {
  return z
    .string()
    .refine(
      (text) => /^\d+$/.test(text) && Number(text) >= minimum && Number(text) <= maximum,
      `must be a whole number from ${minimum.toLocaleString('en-US')} to ${maximum.toLocaleString('en-US')}`,
    )
    .transform(Number);
}

/** One of a few words. */
function oneOf<const T extends readonly string[]>(...words: T): z.ZodType<T[number]> {
  return z.enum(words, `must be one of ${words.join(', ')}`);
}

const hostAndPort = z.string().regex(/^[^\s:,]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/, 'must be host:port,host:port');
const port = wholeNumber(0, 65_535);
const path = z.string().min(1);

/**
 * What each variable may be, whoever reads it: an app picks its own from here and gives them their defaults, so that two
 * apps cannot differ about one variable.
 */
export const variables = {
  REDIS_URL: redisUrl,
  HOST: z
    .string()
    .transform(plainHost)
    .refine((host) => /^[\w.:%-]+$/.test(host), 'must be an address or the name of this machine'),
  PORT: port,
  SKIPLANE_API_KEY: z.string().min(8, 'must have at least 8 characters'),
  /** Of a container: the address of the machine on which the port is published. It counts where HOST would. */
  SKIPLANE_PUBLISHED_HOST: z.string().transform(plainHost),
  /** Shared secret of workers and parameter servers. */
  SKIPLANE_TOKEN: z.string(),
  SKIPLANE_PARAMETER_SERVERS: z
    .string()
    .transform((list) => list.split(',').map((item) => item.trim()))
    .pipe(z.array(hostAndPort).min(1)),
  SKIPLANE_DATA_DIR: path,
  SKIPLANE_CHECKPOINT_DIR: path,
  SKIPLANE_RETENTION: retention,
  /** Where a launcher has the processes' logs written. */
  SKIPLANE_LOG_DIR: path,
  SKIPLANE_CACHE_DIR: path,
  /** Files of stores on this host. */
  SKIPLANE_SHARD_CACHE: path,
  SKIPLANE_SHARD_CACHE_GIB: wholeNumber(1, 1_048_576),
  /** Whether the bucket stands in the path; `auto`: where an endpoint is set. */
  SKIPLANE_S3_PATH_STYLE: oneOf('auto', 'on', 'off'),
  /** 1: requests to S3 are not signed. */
  SKIPLANE_S3_ANONYMOUS: oneOf('0', '1'),
  /** Where this host has data sets. */
  SKIPLANE_DATASET_PATHS: datasetPaths,
  SKIPLANE_WORKER_ID: z
    .string()
    .regex(/^[\w.-]{1,100}$/, 'must be of letters, digits, dots, dashes and underscores, at most 100'),
  /** Lanes computed at once. */
  SKIPLANE_ENGINES: wholeNumber(1, 256),
  /** Threads that decode images for training. */
  SKIPLANE_DATA_THREADS: wholeNumber(1, 64),
  /** `off`: payloads between worker and parameter server go through the socket on one host, too. */
  SKIPLANE_SHARED_MEMORY: oneOf('auto', 'off'),
  /** Whether gradients are sent while the rest of the step is computed. */
  SKIPLANE_OVERLAP: oneOf('auto', 'on', 'off'),
  /** `auto`: a free GPU where there is a driver, else the CPU. */
  SKIPLANE_DEVICE: z
    .string()
    .regex(
      /^(?:auto|cpu|\d{1,4}(?::\d{1,2})?|(?:GPU|MIG)-[\w/-]{1,90})$/,
      'must be auto, cpu, or index or UUID of a GPU or of a slice of one (3, 0:3, GPU-…, MIG-…)',
    ),
  /** Devices that one worker computes on together. */
  SKIPLANE_DEVICES: z
    .string()
    .regex(
      /^(?:all|(?:\d{1,4}(?::\d{1,2})?|(?:GPU|MIG)-[\w/-]{1,90})(?:\s*,\s*(?:\d{1,4}(?::\d{1,2})?|(?:GPU|MIG)-[\w/-]{1,90}))*)$/,
      'must be all, or indices and UUIDs of GPUs separated by commas (0,1,2)',
    )
    .transform((list) => (list === 'all' ? list : list.split(',').map((item) => item.trim())))
    .refine((set) => set === 'all' || new Set(set).size === set.length, 'names a device twice'),
  SKIPLANE_ENGINE: oneOf('auto', 'graph', 'portable'),
  /** Touched with every heartbeat, for a container's health check. */
  SKIPLANE_HEALTH_FILE: path,
  /** A peer silent for so long is taken for dead, milliseconds. */
  SKIPLANE_PATIENCE_MS: wholeNumber(100, 600_000),
  /** Gradients held at once, MiB. */
  SKIPLANE_MEMORY_LIMIT_MIB: wholeNumber(16, 1_048_576),
  SKIPLANE_METRICS_PORT: port,
  /** 1: exit when the process that started this one is gone. */
  SKIPLANE_PARENT_WATCH: oneOf('0', '1'),
  /** A log larger than this is put aside, MiB. */
  SKIPLANE_LOG_MAX_MIB: wholeNumber(1, 1_048_576),
  /** Logs put aside that are kept, of each process. */
  SKIPLANE_LOG_KEEP: wholeNumber(1, 1_000),
  LOG_LEVEL: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
} as const;

/** Which devices are meant can be said in one way at a time. */
export function deviceFaults(values: {
  readonly SKIPLANE_DEVICE?: unknown;
  readonly SKIPLANE_DEVICES?: unknown;
}): readonly { readonly path: string; readonly message: string }[] {
  const { SKIPLANE_DEVICE: device = 'auto', SKIPLANE_DEVICES: devices } = values;
  if (devices === undefined || device === 'auto') return [];
  return [{ path: 'SKIPLANE_DEVICES', message: `names devices, and SKIPLANE_DEVICE=${String(device)} names another` }];
}

interface Listening {
  readonly HOST?: unknown;
  readonly SKIPLANE_PUBLISHED_HOST?: unknown;
  readonly SKIPLANE_TRUSTED_PROXIES?: unknown;
  readonly SKIPLANE_API_KEY?: unknown;
}

/** What is wrong with a coordinator's address: beyond this machine it asks for a key. */
export function addressFaults(values: Listening): readonly { readonly path: string; readonly message: string }[] {
  if (values.SKIPLANE_API_KEY !== undefined) return [];
  const faults: { path: string; message: string }[] = [];
  const published = values.SKIPLANE_PUBLISHED_HOST;
  const [name, what] = published === undefined ? ['HOST', 'listens'] : ['SKIPLANE_PUBLISHED_HOST', 'is published'];
  const host = published ?? values.HOST;
  if (typeof host === 'string' && !isLoopback(host)) {
    const message = `${what} beyond this machine, so SKIPLANE_API_KEY must be set too (or leave it at 127.0.0.1)`;
    faults.push({ path: name, message });
  }
  if (values.SKIPLANE_TRUSTED_PROXIES !== undefined) {
    const message = 'lets a proxy bring in requests from anywhere, so SKIPLANE_API_KEY must be set too';
    faults.push({ path: 'SKIPLANE_TRUSTED_PROXIES', message });
  }
  return faults;
}
