import { RefusedInputError } from '#contracts';
import { z } from 'zod';

/** A port number in an environment variable. */
const port = z.coerce.number().int().min(0).max(65_535);

const configSchema = z.object({
  /** Address to listen on; any but loopback needs SKIPLANE_TOKEN. */
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: port.default(7070),
  /** Shared secret of workers and parameter servers; empty: none. */
  SKIPLANE_TOKEN: z.string().default(''),
  /** Gradients held at once, MiB. */
  SKIPLANE_MEMORY_LIMIT_MIB: z.coerce.number().int().min(16).max(1_048_576).default(4_096),
  /** A worker silent for so long is taken for dead, milliseconds. */
  SKIPLANE_PATIENCE_MS: z.coerce.number().int().min(100).max(600_000).default(2_000),
  /** Prometheus metrics on this port of HOST; unset: none. */
  SKIPLANE_METRICS_PORT: port.optional(),
  /** 1: exit when the process that started this one is gone. */
  SKIPLANE_PARENT_WATCH: z.enum(['0', '1']).default('0'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

export type ParameterServerConfig = z.infer<typeof configSchema>;

/**
 * Reads the environment once.
 * @throws RefusedInputError naming every fault at once.
 */
export function readConfig(environment: NodeJS.ProcessEnv): ParameterServerConfig {
  const parsed = configSchema.safeParse(environment);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  throw new RefusedInputError(
    `the parameter server's environment is not valid: ${faults.map(({ path, message }) => `${path}: ${message}`).join('; ')}`,
    faults,
  );
}
