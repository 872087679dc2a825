import { resolve } from 'node:path';
import { RefusedInputError } from '#contracts';
import { defaultCacheDirectory } from '#provision';
import { z } from 'zod';
import { DEFAULT_LOG_LIMITS, type LogLimits } from './log-rotation.js';

const schema = z.object({
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\/\S+$/, 'must be a redis:// or rediss:// address')
    .optional(),
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  SKIPLANE_DATA_DIR: z.string().default('./data'),
  SKIPLANE_ENGINE: z.enum(['auto', 'graph', 'portable']).default('auto'),
  SKIPLANE_LOG_MAX_MIB: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_048_576)
    .default(DEFAULT_LOG_LIMITS.maxBytes / 2 ** 20),
  SKIPLANE_LOG_KEEP: z.coerce.number().int().min(1).max(1_000).default(DEFAULT_LOG_LIMITS.numKept),
});

/** What the launcher reads from the environment. Its children read theirs themselves. */
export interface StackConfig {
  readonly redisUrl: string | undefined;
  /** Where the coordinator listens. */
  readonly host: string;
  readonly port: number | undefined;
  /** Absolute. */
  readonly dataDirectory: string;
  readonly cacheDirectory: string;
  readonly engine: 'auto' | 'graph' | 'portable';
  readonly logLimits: LogLimits;
}

/** @throws RefusedInputError that names every fault at once. */
export function readStackConfig(env: Readonly<Record<string, string | undefined>>): StackConfig {
  // An empty variable, as compose files make them, is an absent one.
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(present);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
    throw new RefusedInputError('the environment is refused', faults);
  }
  const { data } = parsed;
  return {
    redisUrl: data.REDIS_URL,
    host: data.HOST,
    port: data.PORT,
    dataDirectory: resolve(data.SKIPLANE_DATA_DIR),
    cacheDirectory: defaultCacheDirectory(env),
    engine: data.SKIPLANE_ENGINE,
    logLimits: { maxBytes: data.SKIPLANE_LOG_MAX_MIB * 2 ** 20, numKept: data.SKIPLANE_LOG_KEEP },
  };
}
