import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { RefusedInputError } from '#contracts';
import { z } from 'zod';

const configSchema = z.object({
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).default('redis://127.0.0.1:6379'),
  /** Shared secret of the parameter servers. */
  SKIPLANE_TOKEN: z.string().default(''),
  /** A parameter server silent for so long is taken for dead, milliseconds. */
  SKIPLANE_PATIENCE_MS: z.coerce.number().int().min(100).max(600_000).default(2_000),
  SKIPLANE_WORKER_ID: z
    .string()
    .regex(/^[\w.-]{1,100}$/, 'letters, digits, . _ - only')
    .default(`${hostname().replaceAll(/[^\w.-]/g, '-')}-${process.pid}-${randomBytes(2).toString('hex')}`),
  /** Lanes computed at once. Default: 1 on a GPU, one per core on a CPU. */
  SKIPLANE_ENGINES: z.coerce.number().int().min(1).max(256).optional(),
  /** `auto`: a free GPU, else the CPU. */
  SKIPLANE_DEVICE: z
    .union([z.literal('auto'), z.literal('cpu'), z.string().regex(/^\d+$/, 'auto, cpu or the index of a GPU')])
    .default('auto'),
  SKIPLANE_ENGINE: z.enum(['auto', 'graph', 'portable']).default('auto'),
  /** Touched with every heartbeat, for a container's health check. */
  SKIPLANE_HEALTH_FILE: z.string().min(1).optional(),
  SKIPLANE_PARENT_WATCH: z.enum(['0', '1']).default('0'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

export type WorkerConfig = z.infer<typeof configSchema>;

/**
 * Reads the environment once.
 * @throws RefusedInputError naming every fault at once.
 */
export function readConfig(environment: NodeJS.ProcessEnv): WorkerConfig {
  const parsed = configSchema.safeParse(environment);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  throw new RefusedInputError(
    `the worker's environment is not valid: ${faults.map(({ path, message }) => `${path}: ${message}`).join('; ')}`,
    faults,
  );
}
