import type { Clock } from '../world/clock.js';
import type { SimulatedProcess } from '../world/simulated-process.js';
import { RedisData } from './redis-data.js';

/** A client's end, as the server sees it. */
export interface RedisClient {
  readonly process: SimulatedProcess;
  lost(): void;
  back(): void;
  published(channel: string, message: string): void;
}

/** The Redis of a simulated system: one process that runs a command at a time, and forgets what a fault says it does. */
export class RedisServer {
  readonly #clock: Clock;
  data: RedisData;
  isAway = false;
  readonly clients = new Set<RedisClient>();
  /** Reads that wait for an entry; run again when one was added. */
  readonly waiting = new Set<() => void>();

  constructor(
    readonly process: SimulatedProcess,
    clock: Clock,
  ) {
    this.#clock = clock;
    this.data = this.#fresh();
  }

  goAway(): void {
    if (this.isAway) return;
    this.isAway = true;
    this.waiting.clear();
    for (const client of this.#alive()) client.lost();
  }

  /** `data`: what it comes back with, null for nothing. */
  comeBack(data: RedisData | null = this.data): void {
    this.data = data ?? this.#fresh();
    if (!this.isAway) return;
    this.isAway = false;
    for (const client of this.#alive()) client.back();
  }

  /** FLUSHALL: nobody's connection notices. */
  empty(): void {
    this.data = this.#fresh();
  }

  publish(channel: string, message: string): void {
    for (const client of this.#alive()) client.published(channel, message);
  }

  #alive(): RedisClient[] {
    for (const client of this.clients) if (!client.process.isAlive) this.clients.delete(client);
    return [...this.clients];
  }

  #fresh(): RedisData {
    return new RedisData(() => this.#clock.now + this.process.clockOffsetMs);
  }
}
