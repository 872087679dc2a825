import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { Health } from '#contracts';
import { skiplaneVersion } from '#telemetry';
import { CLOCK } from '../config/settings.js';
import { RedisLink } from '../redis/redis-link.js';
import { DataFolder } from '../storage/data-folder.js';
import { LiveWorkers } from '../workers/live-workers.js';
import { FAULT_KINDS } from './fault-kinds.js';
import { ParameterServerObserver } from './observers/parameter-servers.js';
import { OpenFaults, type FaultFound, type OpenFault, openFault } from './open-faults.js';

/** Asks Redis and the data folder, and adds what was met since. */
@Injectable()
export class HealthService {
  readonly #redis: RedisLink;
  readonly #folder: DataFolder;
  readonly #open: OpenFaults;
  readonly #workers: LiveWorkers;
  readonly #parameterServers: ParameterServerObserver;
  readonly #clock: () => number;
  readonly #startedAt: number;

  constructor(
    redis: RedisLink,
    folder: DataFolder,
    open: OpenFaults,
    workers: LiveWorkers,
    parameterServers: ParameterServerObserver,
    @Inject(CLOCK) clock: () => number,
  ) {
    this.#redis = redis;
    this.#folder = folder;
    this.#open = open;
    this.#workers = workers;
    this.#parameterServers = parameterServers;
    this.#clock = clock;
    this.#startedAt = clock();
  }

  /** What keeps the coordinator from being ready, by what is concerned: `redis`, `data`, `disk`, ... */
  async whyNotReady(): Promise<readonly { readonly path: string; readonly message: string }[]> {
    const faults = await this.#faults();
    return faults
      .filter(({ kind }) => FAULT_KINDS[kind].blocksReadiness)
      .map(({ kind, message }) => ({ path: kind, message }));
  }

  /** All that is wrong now. */
  async health(): Promise<Health> {
    const found = await this.#faults();
    const faults = [...found].sort(
      (left, right) =>
        Number(right.severity === 'error') - Number(left.severity === 'error') || left.since - right.since,
    );
    const isFailing = faults.some(({ severity }) => severity === 'error');
    return {
      status: isFailing ? 'failing' : faults.length > 0 ? 'degraded' : 'ok',
      faults,
      versions: {
        coordinator: skiplaneVersion(),
        workers: this.#workers.alive().map(({ workerId, version = null }) => ({ workerId, version })),
        parameterServers: this.#parameterServers.versions,
      },
      startedAt: this.#startedAt,
      now: this.#clock(),
    };
  }

  async #faults(): Promise<readonly OpenFault[]> {
    const { path } = this.#folder;
    const found = await Promise.all([
      faultOf('redis', this.#redis.ping(), (error) => this.#redis.whyAbsent(error)),
      faultOf('data', access(path, constants.W_OK), () => `${path} cannot be written`),
    ]);
    const open = this.#open.list();
    // The ping says no more of Redis than who works with it.
    const asked = found.flat().filter(({ kind }) => !open.some((other) => other.kind === kind));
    return [...asked.map((fault) => openFault(fault, this.#clock())), ...open];
  }
}

async function faultOf(
  kind: 'redis' | 'data',
  check: Promise<unknown>,
  messageOf: (error: unknown) => string,
): Promise<FaultFound[]> {
  return check.then(
    () => [],
    (error: unknown) => [{ kind, message: messageOf(error) }],
  );
}
