import { setTimeout as delay } from 'node:timers/promises';
import type { Toxic, Toxiproxy } from '../../hosts/toxiproxy.js';
import type { Operation } from '../../operations/operation.js';
import type { Scenario } from '../../operations/scenario.js';
import { USUAL_LIMITS } from '../../../libs/stores/src/remote/patience.js';
import { PLACES, type Place } from '../parts/places.js';
import { LINE, startToxicLine, toxiproxy } from '../parts/toxic-line.js';
import { randomShard, readShard, sha256, type ShardRequest } from '../read-shard.js';

const SHARD_BYTES = 6_000_000;
const DOWN_MS = 10_000;

interface BadLine {
  readonly name: string;
  readonly about: string;
  /** Before the shard is asked for. */
  begin(proxies: Toxiproxy): Promise<void>;
  /** When it has been asked for. */
  readonly meanwhile?: (proxies: Toxiproxy) => Promise<void>;
  /** Default: the usual ones. */
  readonly limits?: ShardRequest['limits'];
  /** The reading cannot be faster, or the line was not as bad as it should be. */
  readonly atLeastMs: number;
}

const down =
  (toxic: Toxic) =>
  (proxies: Toxiproxy): Promise<void> =>
    proxies.poison(LINE, toxic, ['downstream']);

const SLOW: Toxic = { type: 'bandwidth', attributes: { rate: 2_000 } };

async function healAfter(waitMs: number, proxies: Toxiproxy): Promise<void> {
  await delay(waitMs);
  await proxies.heal();
}

const LINES: readonly BadLine[] = [
  {
    name: 'late',
    about: 'answers begin after 2 s',
    begin: down({ type: 'latency', attributes: { latency: 2_000, jitter: 0 } }),
    atLeastMs: 4_000,
  },
  {
    name: 'silent',
    about: 'no answer within the limit, then all is well again',
    begin: down({ type: 'latency', attributes: { latency: 60_000, jitter: 0 } }),
    meanwhile: (proxies) => healAfter(1_500, proxies),
    limits: { ...USUAL_LIMITS, firstByteMs: 500, idleMs: 500 },
    atLeastMs: 1_500,
  },
  {
    name: 'cut',
    about: 'each connection ends after 800 kB, in the middle of a body',
    begin: down({ type: 'limit_data', attributes: { bytes: 800_000 } }),
    atLeastMs: 0,
  },
  {
    name: 'reset',
    about: 'connections are reset in the middle of a body, over and over',
    begin: down(SLOW),
    async meanwhile(proxies) {
      for (let times = 0; times < 3; times += 1) {
        await delay(400);
        await proxies.poison(LINE, { type: 'reset_peer', attributes: { timeout: 0 } }, ['downstream']);
        await healAfter(100, proxies);
        await down(SLOW)(proxies);
      }
    },
    atLeastMs: 1_500,
  },
  {
    name: 'slow',
    about: '2 MB a second',
    begin: down(SLOW),
    atLeastMs: 2_500,
  },
  {
    name: 'down',
    about: 'the server is away for 10 s',
    begin: (proxies) => proxies.close(LINE),
    meanwhile: (proxies) => healAfter(DOWN_MS, proxies),
    atLeastMs: DOWN_MS,
  },
];

async function play(operation: Operation, place: Place, line: BadLine): Promise<void> {
  const shard = randomShard(SHARD_BYTES, line.name);
  await place.put('train-000.tar', shard);
  await using toxic = await startToxicLine(operation, place.url);
  const request = { location: place.location(toxic.url), path: 'train-000.tar', env: place.env(toxic.url) };
  await line.begin(toxic.proxies);
  const start = performance.now();
  const reading = readShard(operation, { ...request, ...(line.limits && { limits: line.limits }) });
  reading.catch(() => undefined);
  await line.meanwhile?.(toxic.proxies);
  const hash = await reading;
  const tookMs = performance.now() - start;
  if (hash !== sha256(shard)) throw new Error(`other bytes: ${hash}`);
  if (tookMs < line.atLeastMs) throw new Error(`it took ${Math.round(tookMs)} ms: the line was not as it should be`);
  operation.note(`whole after ${(tookMs / 1_000).toFixed(1)} s`);
}

/** Every bad line to every kind of server. */
export const lines: readonly Scenario[] = PLACES.flatMap((kind) =>
  LINES.map((line) => ({
    name: `${kind.name}-${line.name}`,
    about: `a shard comes whole by ${kind.name}: ${line.about}`,
    packages: kind.packages,
    parts: [...kind.parts, toxiproxy],
    run: async (operation: Operation) => play(operation, await kind.start(operation), line),
  })),
);
