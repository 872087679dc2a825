import { join, resolve } from 'node:path';
import { z } from 'zod';
import { RefusedInputError } from '#contracts';
import { basePath } from './base-path.js';
import { trustedProxies } from './trusted-proxies.js';

const LOOPBACK_HOSTS: readonly string[] = ['127.0.0.1', '::1', 'localhost'];
const hostAndPort = z.string().regex(/^[^\s:,]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/, 'must be host:port');

const environmentSchema = z
  .object({
    REDIS_URL: z
      .string()
      .regex(/^rediss?:\/\/\S+$/, 'must be a redis:// or rediss:// address')
      .default('redis://127.0.0.1:6379'),
    HOST: z.string().min(1).default('127.0.0.1'),
    /** Of a container: the address of the machine on which the port is published. It counts where HOST would. */
    SKIPLANE_PUBLISHED_HOST: z.string().min(1).optional(),
    PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
    SKIPLANE_API_KEY: z.string().min(8, 'must have at least 8 characters').optional(),
    SKIPLANE_DATA_DIR: z.string().min(1).default('./data'),
    SKIPLANE_CHECKPOINT_DIR: z.string().min(1).optional(),
    SKIPLANE_PARAMETER_SERVERS: z
      .string()
      .default('127.0.0.1:7070')
      .transform((list) => list.split(',').map((item) => item.trim()))
      .pipe(z.array(hostAndPort).min(1)),
    SKIPLANE_TRUSTED_PROXIES: trustedProxies.default([]),
    SKIPLANE_BASE_PATH: basePath.default(''),
    SKIPLANE_PARENT_WATCH: z.enum(['0', '1']).default('0'),
    LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  })
  .superRefine(({ SKIPLANE_TRUSTED_PROXIES, SKIPLANE_API_KEY }, context) => {
    if (SKIPLANE_TRUSTED_PROXIES.length === 0 || SKIPLANE_API_KEY !== undefined) return;
    const message = 'lets a proxy bring in requests from anywhere, so SKIPLANE_API_KEY must be set too';
    context.addIssue({ code: 'custom', path: ['SKIPLANE_TRUSTED_PROXIES'], message });
  })
  .superRefine(({ HOST, SKIPLANE_PUBLISHED_HOST, SKIPLANE_API_KEY }, context) => {
    if (SKIPLANE_API_KEY !== undefined || LOOPBACK_HOSTS.includes(SKIPLANE_PUBLISHED_HOST ?? HOST)) return;
    const [name, what] =
      SKIPLANE_PUBLISHED_HOST === undefined ? ['HOST', 'listens'] : ['SKIPLANE_PUBLISHED_HOST', 'is published'];
    const message = `${what} beyond this machine, so SKIPLANE_API_KEY must be set too (or leave it at 127.0.0.1)`;
    context.addIssue({ code: 'custom', path: [name], message });
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
  readonly parameterServers: readonly string[];
  /** Addresses, networks and names of them (`loopback`) whose X-Forwarded headers are believed. */
  readonly trustedProxies: readonly string[];
  /** What a proxy's clients see in front of every path, such as `/skiplane`; empty: nothing. */
  readonly basePath: string;
  readonly exitsWithParent: boolean;
  readonly logLevel: string;
}

/** Reads the environment; throws RefusedInputError that names every fault at once. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): CoordinatorConfig {
  // An empty variable, as compose files make them, is an absent one.
  const present = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = environmentSchema.safeParse(present);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
    const words = faults.map((fault) => `${fault.path} ${fault.message}`).join('; ');
    throw new RefusedInputError(`the environment is refused: ${words}`, faults);
  }
  const values = parsed.data;
  const dataDirectory = resolve(values.SKIPLANE_DATA_DIR);
  return {
    redisUrl: values.REDIS_URL,
    host: values.HOST,
    port: values.PORT,
    apiKey: values.SKIPLANE_API_KEY,
    dataDirectory,
    checkpointDirectory: resolve(values.SKIPLANE_CHECKPOINT_DIR ?? join(dataDirectory, 'checkpoints')),
    parameterServers: values.SKIPLANE_PARAMETER_SERVERS,
    trustedProxies: values.SKIPLANE_TRUSTED_PROXIES,
    basePath: values.SKIPLANE_BASE_PATH,
    exitsWithParent: values.SKIPLANE_PARENT_WATCH === '1',
    logLevel: values.LOG_LEVEL,
  };
}
