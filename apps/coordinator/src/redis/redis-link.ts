import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { CoordinatorLease, CoordinatorLeaseTakenError, createRedisConnection, REDIS_KEYS, whyRedisFails } from '#queue';
import type { Logger } from '#telemetry';
import type { CoordinatorConfig } from '../config/coordinator.config.js';
import { CONFIG, LOGGER } from '../config/settings.js';
import { DataFolder } from '../storage/data-folder.js';

/** Redis does not answer, or is another coordinator's, so nobody could be told of a run. */
export class RedisAbsentError extends Error {
  override readonly name = 'RedisAbsentError';
}

/** The connections to Redis, which may be away at the start and later, and the coordinator lease on it. */
@Injectable()
export class RedisLink implements OnApplicationShutdown {
  readonly commands: Redis;
  /** Waits for reports; whoever reads them disconnects it. */
  readonly reports: Redis;
  readonly #nudges: Redis;
  readonly #lease: CoordinatorLease;
  readonly #url: string;
  readonly #logger: Logger;

  constructor(@Inject(CONFIG) { redisUrl }: CoordinatorConfig, @Inject(LOGGER) logger: Logger, folder: DataFolder) {
    this.#url = redisUrl;
    this.#logger = logger;
    this.commands = createRedisConnection(redisUrl, { purpose: 'commands', logger });
    this.reports = createRedisConnection(redisUrl, { purpose: 'blocking', logger });
    this.#nudges = createRedisConnection(redisUrl, { purpose: 'subscriber', logger });
    const holder = { id: folder.id, host: hostname(), dataDirectory: resolve(folder.path) };
    this.#lease = new CoordinatorLease(this.commands, holder);
  }

  /** Takes the coordinator lease, or renews it. Throws CoordinatorLeaseTakenError, or what Redis says. */
  holdLease(): Promise<void> {
    return this.#lease.hold();
  }

  /** Throws within about two seconds when Redis does not answer, and while another coordinator works on it. */
  async ping(): Promise<void> {
    await this.commands.ping();
    this.#lease.confirm();
  }

  /** Throws RedisAbsentError, which says what follows from it, where `ping` throws. */
  async require(consequence: string): Promise<void> {
    await this.ping().catch((error: unknown) => {
      throw new RedisAbsentError(`${absence(error)}; ${consequence}, try again`, { cause: error });
    });
  }

  /** Why Redis cannot be used, by what a ping threw. */
  whyAbsent(error: unknown): string {
    return absence(error, this.whyItFails(error));
  }

  /** In words, of something that failed; undefined where Redis is not the reason. */
  whyItFails(error: unknown): string | undefined {
    const why = whyRedisFails(this.commands, this.#url, error);
    return why ?? (this.commands.status === 'ready' ? undefined : 'Redis does not answer');
  }

  /** Redis is there, for the first time or again. */
  onReady(then: () => void): void {
    this.commands.on('ready', then);
  }

  /** Workers have something to tell. What this process publishes itself needs no second look. */
  onNudge(then: () => void): void {
    this.#nudges.on('message', (_channel, what) => {
      if (what !== 'plan' && what !== 'assignments') then();
    });
    this.#nudges.subscribe(REDIS_KEYS.notify).catch((error: unknown) => {
      this.#logger.debug({ event: 'subscribe-failed', error: String(error) });
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#lease.release();
    this.#nudges.disconnect();
    this.commands.disconnect();
  }
}

function absence(cause: unknown, known?: string): string {
  return cause instanceof CoordinatorLeaseTakenError ? cause.message : (known ?? 'Redis does not answer');
}
