import { fileURLToPath } from 'node:url';
import { RefusedInputError } from '#contracts';
import { createLogger, exitWhenParentGone } from '#telemetry';
import { startApplication } from './application.js';
import { readConfig } from './config/coordinator.config.js';

/** A shutdown that hangs is cut off: nothing is lost by it, the record is on disk. */
const SHUTDOWN_MS = 9_000;

try {
  const config = readConfig(process.env);
  const logger = createLogger({ service: 'coordinator', level: config.logLevel });
  if (config.exitsWithParent) exitWhenParentGone();
  const dashboardDirectory = fileURLToPath(new URL('../../dashboard/', import.meta.url));
  const application = await startApplication({
    config,
    logger,
    dashboardDirectory,
    onReplaced: (error) => {
      process.stderr.write(`coordinator: ${error.message}\n`);
      process.exit(1);
    },
  });
  const stop = (signal: string): void => {
    logger.info({ event: 'stopping', signal });
    setTimeout(() => process.exit(1), SHUTDOWN_MS).unref();
    application.close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ event: 'shutdown-failed', err: error });
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
} catch (error) {
  const words =
    error instanceof RefusedInputError
      ? error.message
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error);
  process.stderr.write(`coordinator: ${words}\n`);
  process.exit(1);
}
