import { createRedisConnection } from '#queue';
import { createLogger, exitWhenParentGone, onceToldToStop, orEndWithWords } from '#telemetry';
import { readConfig } from './config.js';
import { openDevice } from './device/device.js';
import { PredictionService } from './predictions/prediction-service.js';
import { WorkerService } from './worker-service.js';

const STOP_TIMEOUT_MS = 9_000;

const config = await orEndWithWords('worker', () => readConfig(process.env));
if (config.SKIPLANE_PARENT_WATCH === '1') exitWhenParentGone();
const logger = createLogger({ service: 'worker', level: config.LOG_LEVEL }).child({
  worker: config.SKIPLANE_WORKER_ID,
});
const connection = createRedisConnection(config.REDIS_URL, { purpose: 'commands', logger });
const blockingConnection = createRedisConnection(config.REDIS_URL, { purpose: 'blocking', logger });
const subscriber = createRedisConnection(config.REDIS_URL, { purpose: 'subscriber', logger });

const device = await orEndWithWords('worker', () => openDevice(config, connection, logger));
const service = new WorkerService({ config, device, logger, connection, blockingConnection, subscriber });
const predictions = new PredictionService({ engine: device.engine, connection: blockingConnection, logger });

async function stop(signal: string): Promise<void> {
  logger.info({ signal }, 'worker-stopping');
  setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
  const closed = predictions.close().catch((error: unknown) => logger.debug({ error: String(error) }, 'close-failed'));
  await service.stop();
  await closed;
  await device.claim?.stop();
  for (const redis of [connection, blockingConnection, subscriber]) redis.disconnect();
  // Threads inside a native call keep the event loop alive; everything is saved by now.
  process.exit(0);
}
onceToldToStop((signal) => void stop(signal));

logger.info(
  { device: device.description, fingerprint: device.fingerprint, engines: device.numEngines },
  'worker-started',
);
predictions.start();
await service.start();
