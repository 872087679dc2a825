import { join } from 'node:path';
import { RESTART_EXIT_CODE } from '#contracts';
import { createRedisConnection, whenRedisIsFit, WorkerLink } from '#queue';
import { storeSettings } from '#stores';
import { createLogger, exitWhenParentGone, onceToldToStop, orEndWithWords } from '#telemetry';
import { readConfig } from './config.js';
import { indexAccess } from './run/index-access.js';
import { awaitDevice } from './device/await-device.js';
import { PredictionService } from './predictions/prediction-service.js';
import { WorkerService } from './worker-service.js';

const STOP_TIMEOUT_MS = 9_000;

const config = await orEndWithWords('worker', () => readConfig(process.env));
if (config.SKIPLANE_PARENT_WATCH === '1') exitWhenParentGone();
const logger = createLogger({ service: 'worker', level: config.LOG_LEVEL }).child({
  worker: config.SKIPLANE_WORKER_ID,
});
await orEndWithWords('worker', () => whenRedisIsFit(config.REDIS_URL, logger));
const connection = createRedisConnection(config.REDIS_URL, { purpose: 'commands', logger });
const blockingConnection = createRedisConnection(config.REDIS_URL, { purpose: 'blocking', logger });
const subscriber = createRedisConnection(config.REDIS_URL, { purpose: 'subscriber', logger });
const link = new WorkerLink({ workerId: config.SKIPLANE_WORKER_ID, connection, subscriber, logger });

const stopping = new AbortController();
/** Without a device there is nothing to end but what others see of this worker. */
let endWork = (): Promise<void> => link.sayGoodbye();
async function stop(why: string, exitCode = 0): Promise<void> {
  // It may have begun to end for another reason.
  if (stopping.signal.aborted) return;
  stopping.abort();
  logger.info({ signal: why }, 'worker-stopping');
  setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
  await endWork().catch((error: unknown) => logger.warn({ error: String(error) }, 'goodbye-failed'));
  for (const redis of [connection, blockingConnection, subscriber]) redis.disconnect();
  // Threads inside a native call keep the event loop alive; everything is saved by now.
  process.exit(exitCode);
}
onceToldToStop((signal) => void stop(signal));

const device = await awaitDevice({ config, connection, link, logger, signal: stopping.signal });
if (device) {
  const onRestart = (): void => void stop('restart', RESTART_EXIT_CODE);
  const indexes = indexAccess({ folder: join(config.cacheDirectory, 'indexes'), connection, logger });
  const service = new WorkerService({
    config,
    device,
    indexes,
    logger,
    link,
    connection,
    blockingConnection,
    onRestart,
  });
  const predictions = new PredictionService({
    device,
    connection: blockingConnection,
    stores: storeSettings(config),
    logger,
  });
  endWork = async () => {
    const closed = predictions
      .close()
      .catch((error: unknown) => logger.debug({ error: String(error) }, 'close-failed'));
    await service.stop();
    await closed;
    await device.claim?.release();
  };
  const { description, fingerprint, numEngines: engines, numDataThreads: dataThreads } = device;
  logger.info({ device: description, fingerprint, engines, dataThreads }, 'worker-started');
  predictions.start();
  await service.start();
}
