import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import { RedisLink } from '../redis/redis-link.js';
import { DataFolder } from '../storage/data-folder.js';
import { OpenFaults } from './open-faults.js';

/** Something that keeps the coordinator from being ready. */
export interface HealthFault {
  /** What is concerned: `redis`, `data`, `disk`, ... */
  readonly path: string;
  readonly message: string;
}

/** Asks Redis and the data folder, and adds what the loops have met. */
@Injectable()
export class HealthService {
  readonly #redis: RedisLink;
  readonly #folder: DataFolder;
  readonly #open: OpenFaults;

  constructor(redis: RedisLink, folder: DataFolder, open: OpenFaults) {
    this.#redis = redis;
    this.#folder = folder;
    this.#open = open;
  }

  async faults(): Promise<readonly HealthFault[]> {
    const { path } = this.#folder;
    const found = await Promise.all([
      faultOf('redis', this.#redis.ping(), (error) => this.#redis.whyAbsent(error)),
      faultOf('data', access(path, constants.W_OK), () => `${path} cannot be written`),
    ]);
    const open = this.#open.list().map(({ kind, message }) => ({ path: kind, message }));
    // The ping says no more of Redis than who works with it.
    return [...found.flat().filter((fault) => !open.some((other) => other.path === fault.path)), ...open];
  }
}

async function faultOf(
  path: string,
  check: Promise<unknown>,
  messageOf: (error: unknown) => string,
): Promise<HealthFault[]> {
  return check.then(
    () => [],
    (error: unknown) => [{ path, message: messageOf(error) }],
  );
}
