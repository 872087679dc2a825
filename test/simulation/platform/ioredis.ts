/** `ioredis` in the simulated world: the commands that production code uses, against the simulated Redis. */
import { EventEmitter } from 'node:events';
import type { RedisData, StreamEntry } from '../model/redis-data.js';
import type { RedisClient } from '../model/redis-server.js';
import { currentProcess, currentWorld } from '../world/world.js';

interface Options {
  readonly maxRetriesPerRequest: number | null;
  readonly commandTimeout?: number;
}

/** Runs at the server. Undefined: no answer yet, ask again after the next command. */
type Operation<Answer> = (data: RedisData) => Answer | undefined;

interface Command {
  readonly operate: Operation<unknown>;
  settle(answer: unknown, error?: Error): void;
  isSettled: boolean;
}

const LONGEST_RETRY_MS = 1_000;
const FOR_EVER = Number.MAX_SAFE_INTEGER;

export class Redis extends EventEmitter implements RedisClient {
  readonly #options: Options;
  status: 'ready' | 'reconnecting' | 'end' = 'reconnecting';
  readonly process = currentProcess();
  readonly #world = currentWorld();
  readonly #server = this.#world.redis;
  readonly #channels = new Set<string>();
  #unanswered: Command[] = [];
  #generation = 0;

  constructor(_url: string, options: Options) {
    super();
    this.#options = options;
    this.#server.clients.add(this);
    this.back();
  }

  /** One command, run at the server at once and as a whole; sent again where the connection breaks before the answer. */
  async call<Answer>(operate: Operation<Answer>): Promise<Answer> {
    if (this.status === 'end') throw new Error('Connection is closed.');
    return await new Promise<Answer>((resolve, reject) => {
      const { commandTimeout } = this.#options;
      const timer =
        commandTimeout === undefined
          ? undefined
          : setTimeout(() => command.settle(undefined, new Error('Command timed out')), commandTimeout);
      const command: Command = {
        operate,
        isSettled: false,
        settle: (answer, error) => {
          if (command.isSettled) return;
          command.isSettled = true;
          clearTimeout(timer);
          if (error) reject(error);
          else resolve(answer as Answer);
        },
      };
      this.#unanswered.push(command);
      if (this.status === 'ready') this.#send(command);
    });
  }

  #send(command: Command): void {
    const generation = this.#generation;
    const { clock } = this.#world;
    const run = (): void => {
      if (this.#server.isAway || generation !== this.#generation || this.#passLater(run)) return;
      const { numAdded } = this.#server.data;
      let answer: unknown;
      let error: Error | undefined;
      try {
        answer = command.operate(this.#server.data);
      } catch (thrown) {
        error = thrown instanceof Error ? thrown : new Error(String(thrown));
      }
      if (answer === undefined && error === undefined) {
        this.#server.waiting.add(run);
        return;
      }
      this.#server.waiting.delete(run);
      clock.schedule(this.process, this.#delayMs(), () => {
        if (generation !== this.#generation) return;
        this.#unanswered = this.#unanswered.filter((one) => one !== command);
        command.settle(answer, error);
      });
      if (this.#server.data.numAdded > numAdded)
        for (const waiting of this.#server.waiting) clock.schedule(this.#server.process, 0, waiting);
    };
    clock.schedule(this.#server.process, this.#delayMs(), run);
  }

  /** Where nothing passes, what was sent is sent again until it does. */
  #passLater(task: () => void): boolean {
    const { network, clock, random } = this.#world;
    if (!network.link(this.process.name, this.#server.process.name).isCut) return false;
    clock.schedule(this.#server.process, random.between(100, 300), task);
    return true;
  }

  #delayMs(): number {
    return this.#world.network.delayMs(this.process.name, this.#server.process.name);
  }

  /** @internal */
  lost(): void {
    this.#world.clock.schedule(this.process, this.#world.random.between(0, 2), () => {
      if (this.status === 'end' || !this.#server.isAway) return;
      this.#generation += 1;
      this.status = 'reconnecting';
      this.emit('error', new Error('connect ECONNREFUSED'));
      const { maxRetriesPerRequest } = this.#options;
      if (maxRetriesPerRequest !== null) setTimeout(() => this.#giveUp(), this.#world.random.between(300, 900));
    });
  }

  /** Enough attempts: whatever waits is told. Some of it has been written already and may yet be run. */
  #giveUp(): void {
    if (this.status !== 'reconnecting') return;
    for (const command of this.#unanswered) command.settle(undefined, new Error('Reached the max retries per request'));
    this.#unanswered = this.#unanswered.filter(() => this.#world.random.chance(0.2));
    setTimeout(() => this.#giveUp(), this.#world.random.between(300, 900));
  }

  /** @internal */
  back(): void {
    this.#world.clock.schedule(
      this.process,
      this.#world.random.between(0.1, this.#generation === 0 ? 5 : LONGEST_RETRY_MS),
      () => {
        if (this.status === 'end') return;
        if (this.#server.isAway) {
          if (this.#generation === 0) this.lost();
          return;
        }
        this.#generation += 1;
        this.status = 'ready';
        this.emit('ready');
        for (const command of this.#unanswered) this.#send(command);
      },
    );
  }

  /** @internal */
  published(channel: string, message: string): void {
    if (!this.#channels.has(channel) || this.status !== 'ready') return;
    if (this.#world.network.link(this.process.name, this.#server.process.name).isCut) return;
    this.#world.clock.schedule(this.process, this.#delayMs(), () => this.emit('message', channel, message));
  }

  disconnect(): void {
    if (this.status === 'end') return;
    this.status = 'end';
    this.#generation += 1;
    this.#server.clients.delete(this);
    for (const command of this.#unanswered) command.settle(undefined, new Error('Connection is closed.'));
  }

  async ping(): Promise<string> {
    return await this.call(() => 'PONG');
  }

  async get(key: string): Promise<string | null> {
    return await this.call((data) => data.get(key));
  }

  async mget(...keys: string[]): Promise<(string | null)[]> {
    return await this.call((data) => keys.map((key) => data.get(key)));
  }

  async set(key: string, value: string, _unit?: 'PX', ttlMs = FOR_EVER, unless?: 'NX'): Promise<string | null> {
    return await this.call((data) => {
      if (unless === 'NX' && data.get(key) !== null) return null;
      data.set(key, value, ttlMs);
      return 'OK';
    });
  }

  async del(key: string): Promise<number> {
    return await this.call((data) => (data.strings.delete(key) ? 1 : 0));
  }

  /** Of a queue's mark. */
  async exists(key: string): Promise<number> {
    return await this.call((data) => ([...data.queues.keys()].some((name) => key.endsWith(`:${name}:meta`)) ? 1 : 0));
  }

  async scan(_cursor: string, _match: 'MATCH', pattern: string): Promise<[string, string[]]> {
    return await this.call((data) => {
      const [prefix = '', suffix = ''] = pattern.split('*');
      // Of a queue there is its mark.
      const marks = [...data.queues.keys()].map((name) => `${prefix.split(':')[0]}:${name}:meta`);
      const keys = [...data.keys(prefix), ...marks.filter((key) => key.startsWith(prefix))];
      return ['0', keys.filter((key) => key.endsWith(suffix))];
    });
  }

  async hget(key: string, field: string): Promise<string | null> {
    return await this.call((data) => data.hash(key).get(field) ?? null);
  }

  async hgetall(key: string): Promise<Record<string, string>> {
    return await this.call((data) => Object.fromEntries(data.hash(key)));
  }

  multi(): Transaction {
    return new Transaction(this);
  }

  async publish(channel: string, message: string): Promise<number> {
    return await this.call(() => (this.#server.publish(channel, message), 1));
  }

  async subscribe(channel: string): Promise<number> {
    return await this.call(() => this.#channels.add(channel).size);
  }

  async time(): Promise<[number, number]> {
    const now = await this.call((data) => data.now());
    return [Math.floor(now / 1_000), Math.floor(now % 1_000) * 1_000];
  }

  async xadd(
    key: string,
    _maxlen: 'MAXLEN',
    _about: '~',
    _count: number,
    _id: '*',
    ...fields: string[]
  ): Promise<string> {
    return await this.call((data) => data.add(key, fields));
  }

  /** Of one entry. */
  async xrange(key: string, id: string): Promise<StreamEntry[]> {
    return await this.call((data) => data.entries(key).filter(([held]) => held === id));
  }

  async xrevrange(key: string): Promise<StreamEntry[]> {
    return await this.call((data) => data.entries(key).slice(-1));
  }

  async xread(...args: [...unknown[], key: string, id: string]): Promise<[string, StreamEntry[]][] | null> {
    const [, count, , blockMs] = args as unknown as [string, number, string, number];
    const key = String(args.at(-2));
    const after = String(args.at(-1));
    const until = this.#world.clock.now + blockMs;
    this.#world.clock.schedule(this.#server.process, blockMs + 1, () => {
      for (const waiting of this.#server.waiting) waiting();
    });
    return await this.call((data) => {
      const entries = data.entriesAfter(key, after).slice(0, count);
      if (entries.length > 0) return [[key, entries]];
      return this.#world.clock.now >= until ? null : undefined;
    });
  }
}

/** MULTI … EXEC. */
class Transaction {
  readonly #client: Redis;
  readonly #steps: ((data: RedisData) => void)[] = [];

  constructor(client: Redis) {
    this.#client = client;
  }

  hset(key: string, field: string, value: string): this {
    this.#steps.push((data) => data.hash(key).set(field, value));
    return this;
  }

  hdel(key: string, ...fields: string[]): this {
    this.#steps.push((data) => fields.forEach((field) => data.hash(key).delete(field)));
    return this;
  }

  publish(channel: string, message: string): this {
    this.#steps.push(() => currentWorld().redis.publish(channel, message));
    return this;
  }

  async exec(): Promise<null> {
    return await this.#client.call((data) => {
      for (const step of this.#steps) step(data);
      return null;
    });
  }
}
