import { checkHealth, ParameterServer } from '#parameter-server';
import {
  createLogger,
  exitWhenParentGone,
  onceToldToStop,
  orEndWithWords,
  reachableAt,
  skiplaneVersion,
} from '#telemetry';
import { readConfig } from './config.js';
import { serveMetrics } from './metrics-endpoint.js';

/** Longer than the goodbye of a connection, shorter than a container's grace. */
const STOP_TIMEOUT_MS = 3_000;

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const token = config.SKIPLANE_TOKEN === '' ? null : config.SKIPLANE_TOKEN;
  if (process.argv.includes('--health')) {
    await checkHealth({ server: reachableAt(config.HOST, config.PORT), token });
    return;
  }
  if (config.SKIPLANE_PARENT_WATCH === '1') exitWhenParentGone();
  const logger = createLogger({ service: 'parameter-server', level: config.LOG_LEVEL });
  const server = new ParameterServer({
    host: config.HOST,
    port: config.PORT,
    token,
    version: skiplaneVersion(),
    memoryLimitBytes: config.SKIPLANE_MEMORY_LIMIT_MIB * 2 ** 20,
    patienceMs: config.SKIPLANE_PATIENCE_MS,
    logger,
  });
  await server.start();
  if (config.SKIPLANE_METRICS_PORT !== undefined) await serveMetrics(server, config.HOST, config.SKIPLANE_METRICS_PORT);
  logger.info({ address: server.address }, 'parameter-server-started');
  onceToldToStop((signal) => {
    logger.info({ signal }, 'parameter-server-stopping');
    setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
    void server.close().then(() => process.exit(0));
  });
}

await orEndWithWords('parameter-server', main);
