import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { WorkerHeartbeat } from '#contracts';
import type { WorkerLink } from '#queue';
import { skiplaneVersion, type Logger } from '#telemetry';
import { DeviceRefusedError } from '#tensorflow-runtime';
import type { Redis } from 'ioredis';
import type { WorkerConfig } from '../config.js';
import { touchHealthFile } from '../health-file.js';
import { openDevice, type Device } from './device.js';

export interface AwaitDeviceOptions {
  readonly config: WorkerConfig;
  readonly connection: Redis;
  readonly link: WorkerLink;
  readonly logger: Logger;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
}

const BEAT_MS = 1_000;
/** Somebody else's GPU may be free any moment; a lease of the dead runs out within three such looks. */
const LOOK_AGAIN_BUSY_MS = 5_000;
/** What is broken is mended by a person, and a driver that hangs should not be asked all the time. */
const LOOK_AGAIN_MS = 30_000;

/**
 * Opens the device. Where it is refused this worker stays, tells why with every heartbeat, and looks again from time to
 * time. Null: it was told to stop meanwhile.
 */
export async function awaitDevice(options: AwaitDeviceOptions): Promise<Device | null> {
  const { config, connection, logger, signal } = options;
  let telling: ReturnType<typeof tellRefusal> | null = null;
  try {
    for (;;) {
      try {
        const device = await openDevice(config, connection, logger);
        if (!signal.aborted) return device;
        await device.claim?.release();
        return null;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        const isBusy = error instanceof DeviceRefusedError && error.isBusy;
        const againInMs = isBusy ? LOOK_AGAIN_BUSY_MS : LOOK_AGAIN_MS;
        logger.error({ reason, againInMs }, 'device-refused');
        telling ??= tellRefusal(options);
        telling.because(reason);
        await delay(againInMs, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) return null;
      }
    }
  } finally {
    telling?.stop();
  }
}

/** Heartbeats of a worker that can serve no run. */
function tellRefusal({ config, link, logger }: AwaitDeviceOptions): {
  because(reason: string): void;
  stop(): void;
} {
  const startedAt = Date.now();
  let reason = '';
  const beat = (isNews: boolean): void => {
    const heartbeat = {
      workerId: config.SKIPLANE_WORKER_ID,
      host: hostname(),
      pid: process.pid,
      version: skiplaneVersion(),
      device: 'none',
      engines: 1,
      fingerprint: 'none',
      startedAt,
      at: Date.now(),
      status: 'refused',
      reason,
      runId: null,
      incarnation: null,
      round: null,
      lanes: [],
      memoryBytes: process.memoryUsage.rss(),
    } satisfies WorkerHeartbeat;
    link.beat(heartbeat, isNews).catch((error: unknown) => logger.debug({ error: String(error) }, 'heartbeat-failed'));
    touchHealthFile(config.SKIPLANE_HEALTH_FILE, logger);
  };
  const timer = setInterval(() => beat(false), BEAT_MS);
  return {
    because: (words) => {
      reason = words;
      beat(true);
    },
    stop: () => clearInterval(timer),
  };
}
