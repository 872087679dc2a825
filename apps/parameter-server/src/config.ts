import { parseEnvironment, variables, type Environment } from '#telemetry';
import { z } from 'zod';

const configSchema = z.object({
  /** Address to listen on; any but loopback needs SKIPLANE_TOKEN. */
  HOST: variables.HOST.default('127.0.0.1'),
  PORT: variables.PORT.default(7070),
  /** Empty: none. */
  SKIPLANE_TOKEN: variables.SKIPLANE_TOKEN.default(''),
  SKIPLANE_MEMORY_LIMIT_MIB: variables.SKIPLANE_MEMORY_LIMIT_MIB.default(4_096),
  SKIPLANE_PATIENCE_MS: variables.SKIPLANE_PATIENCE_MS.default(2_000),
  /** Prometheus metrics on this port of HOST; unset: none. */
  SKIPLANE_METRICS_PORT: variables.SKIPLANE_METRICS_PORT.optional(),
  SKIPLANE_PARENT_WATCH: variables.SKIPLANE_PARENT_WATCH.default('0'),
  LOG_LEVEL: variables.LOG_LEVEL.default('info'),
});

export type ParameterServerConfig = z.infer<typeof configSchema>;

/** @throws RefusedInputError naming every fault at once. */
export function readConfig(environment: Environment): ParameterServerConfig {
  return parseEnvironment(configSchema, environment);
}
