import { fileURLToPath } from 'node:url';
import { whenRedisIsFit } from '#queue';
import { createLogger, exitWhenParentGone, onceToldToStop, orEndWithWords } from '#telemetry';
import { startApplication } from './application.js';
import { readConfig } from './config/coordinator.config.js';

/** A shutdown that hangs is cut off: nothing is lost by it, the record is on disk. */
const SHUTDOWN_MS = 9_000;

await orEndWithWords('coordinator', async () => {
  const config = readConfig(process.env);
  const logger = createLogger({ service: 'coordinator', level: config.logLevel });
  if (config.exitsWithParent) exitWhenParentGone();
  // Seen from dist/programs.
  const dashboardDirectory = fileURLToPath(new URL('../apps/dashboard/', import.meta.url));
  // It serves while Redis is not there yet; a Redis that it can never work on ends it, at its start or later.
  const isFit = whenRedisIsFit(config.redisUrl, logger);
  void orEndWithWords('coordinator', () => isFit);
  const application = await startApplication({
    config,
    logger,
    dashboardDirectory,
    onReplaced: (error) => {
      process.stderr.write(`coordinator: ${error.message}\n`);
      process.exit(1);
    },
  });
  onceToldToStop((signal) => {
    logger.info({ event: 'stopping', signal });
    setTimeout(() => process.exit(1), SHUTDOWN_MS).unref();
    application.close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ event: 'shutdown-failed', err: error });
        process.exit(1);
      },
    );
  });
});
