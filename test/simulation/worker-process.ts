import { createRedisConnection, WorkerLink } from '#queue';
import type { Logger } from '#telemetry';
import { readConfig } from '../../apps/worker/src/config.js';
import { BitsMode } from '../../apps/worker/src/device/bits-mode.js';
import { WorkerService } from '../../apps/worker/src/worker-service.js';
import { equip, type Equipment } from './model/equipment.js';
import type { SimulatedProcess } from './world/simulated-process.js';

export interface WorkerOptions extends Equipment {
  readonly process: SimulatedProcess;
  readonly token: string;
  readonly silenceMs: number;
  readonly logger: Logger;
}

/** A worker's process as its main.ts makes it, without a device to look for. */
export class WorkerProcess {
  readonly process: SimulatedProcess;
  readonly #end: () => Promise<void>;
  #isStopping = false;

  /** To be called in the worker's process. */
  constructor({ process, token, silenceMs, logger, ...equipment }: WorkerOptions) {
    this.process = process;
    equip(process, equipment);
    const config = readConfig({
      SKIPLANE_WORKER_ID: process.name,
      SKIPLANE_TOKEN: token,
      SKIPLANE_PATIENCE_MS: String(silenceMs),
      // Workers that push sums part by part, and others beside them.
      SKIPLANE_OVERLAP: (process.name.at(-1) ?? '').charCodeAt(0) % 2 === 0 ? 'on' : 'off',
    });
    const connect = (purpose: 'commands' | 'blocking' | 'subscriber'): ReturnType<typeof createRedisConnection> =>
      createRedisConnection(config.REDIS_URL, { purpose, logger });
    const connection = connect('commands');
    const [blockingConnection, subscriber] = [connect('blocking'), connect('subscriber')];
    const device = {
      description: 'simulated',
      engine: 'graph' as const,
      bf16: 'unit' as const,
      numEngines: 1,
      devices: [],
      numDataThreads: 1,
      fingerprint: 'simulated',
      warning: null,
      bits: new BitsMode(false),
      claim: null,
    };
    const link = new WorkerLink({ workerId: config.SKIPLANE_WORKER_ID, connection, subscriber, logger });
    const onRestart = (): void => void this.stop();
    // The model's data sets have no files, and no index.
    const indexes = { folder: config.cacheDirectory, take: () => Promise.resolve(null) };
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
    this.#end = async () => {
      await service.stop();
      for (const redis of [connection, blockingConnection, subscriber]) redis.disconnect();
      process.kill();
    };
    void service.start();
  }

  /** As on SIGTERM. */
  async stop(): Promise<void> {
    if (this.#isStopping || !this.process.isAlive) return;
    this.#isStopping = true;
    setTimeout(() => this.process.kill(), STOP_TIMEOUT_MS);
    await this.#end();
  }
}

/** As the worker's main.ts. */
const STOP_TIMEOUT_MS = 9_000;
