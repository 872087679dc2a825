import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { datasetSchema, TERMINAL_STATES, type RunView } from '#contracts';
import { openDataset, packDataset, type EncodeSample } from '#dataset';
import type { Operation } from '../../operations/operation.js';
import type { Scenario } from '../../operations/scenario.js';
import { runJournal } from '../../end-to-end/run-journal.js';
import { SmallDisk } from '../../support/small-disk.js';
import { isWhole, type TrainingStack } from '../../support/training-stack.js';
import type { BucketServer } from '../parts/bucket-server.js';
import { LINE, startToxicLine, toxiproxy } from '../parts/toxic-line.js';
import { startVersitygw, versitygw } from '../parts/versitygw.js';

/** Some twenty shards of the small data set. */
const SHARD_BYTES = 40_000;
/** Room for half of them, and for those that are on their way. */
const SMALL_CACHE = '400k';
const DOWN_MS = 10_000;
const WORKERS = { min: 2, max: 2 };
const CHECKPOINT_STEPS = 5;

interface World {
  readonly stack: TrainingStack;
  readonly server: BucketServer;
  /** The shards on disk. */
  readonly folder: string;
  /** Of each worker: no two share one. */
  readonly caches: readonly string[];
}

interface WorldOptions {
  readonly server: BucketServer;
  /** What workers and coordinator take for the server. Default: its own. */
  readonly url?: string;
  readonly caches?: readonly [string, string];
}

/** Two workers with nothing in common, and the small data set in shards: on disk, and in a bucket. */
async function startWorld(operation: Operation, { server, url, caches }: WorldOptions): Promise<World> {
  await server.makeBucket('bucket');
  const [one, other] = caches ?? [join(operation.folder, 'cache-of-one'), join(operation.folder, 'cache-of-other')];
  const stack = await operation.startStack({ env: { ...server.env(url), SKIPLANE_SHARD_CACHE: one } });
  await stack.stack.addWorker({ SKIPLANE_SHARD_CACHE: other });
  const folder = join(operation.folder, 'shards');
  await packShapes(join(stack.folder, 'shapes'), folder);
  await server.putFolder('bucket', 'shards/', folder);
  return { stack, server, folder, caches: [one, other] };
}

async function packShapes(source: string, folder: string): Promise<void> {
  const dataset = await openDataset(datasetSchema.parse({ kind: 'image-folder', path: source }));
  const { signal } = new AbortController();
  const options = { kind: 'image-folder', seed: 0, shardBytes: SHARD_BYTES, shrink: null, signal } as const;
  await packDataset(dataset, folder, { ...options, encode: asItIs });
  await Promise.all([dataset.train.close(), dataset.validation.close()]);
}

const asItIs: EncodeSample = (bytes) => Promise.resolve({ bytes, isEncoded: false, isTurned: false });

const submit = ({ stack }: World, path: string, store?: string): Promise<string> => {
  const checkpoint = { everySteps: CHECKPOINT_STEPS, keep: 2, ...(store !== undefined && { store }) };
  return stack.submit(stack.spec({ dataset: { kind: 'webdataset', path }, workers: WORKERS, checkpoint }));
};

const BUCKET = 's3://bucket/shards';

/** Throws unless a run ends as that of the same shards on disk: weights and digest. */
async function endsAsFromDisk(operation: Operation, world: World, id: string): Promise<void> {
  const stored = await world.stack.finished(id);
  const fromDisk = await world.stack.finished(await submit(world, world.folder));
  if (!isWhole(stored)) throw new Error(`the ledger is not whole: ${JSON.stringify(stored.ledger)}`);
  for (const [told, wanted] of [
    [stored.weightsSha256, fromDisk.weightsSha256],
    [stored.dataset.digest, fromDisk.dataset.digest],
  ]) {
    if (told !== wanted) throw new Error(`from the bucket ${told}, from disk ${wanted}`);
  }
  operation.note(`weights ${stored.weightsSha256} from the bucket and from disk`);
}

/** Throws unless the run's second incarnation began at a checkpoint, which lay in the bucket alone. */
async function wentOnFromStore(operation: Operation, { stack }: World, id: string): Promise<void> {
  const view = await stack.until(id, 'the second incarnation', ({ incarnation }) => incarnation >= 2);
  const journal = await runJournal(stack, id, 'from its checkpoint');
  const round = /goes on at round (\d+) from its checkpoint/.exec(journal)?.[1];
  if (view.incarnation !== 2 || round === undefined || Number(round) < CHECKPOINT_STEPS)
    throw new Error(`incarnation ${view.incarnation} went on from no checkpoint: ${journal}`);
  operation.note(`went on at round ${round} from the checkpoint in the bucket`);
}

async function ended({ stack }: World, id: string): Promise<RunView> {
  return await stack.until(id, 'the end', ({ state }) => TERMINAL_STATES.includes(state));
}

/** All that the workers have fetched, on their disks. */
async function cachedShards({ caches }: World): Promise<readonly string[]> {
  const lists = await Promise.all(caches.map(async (cache) => (await readdir(cache)).map((name) => join(cache, name))));
  return lists.flat().filter((path) => path.endsWith('.data'));
}

/** Two workers, and a run of theirs from the bucket that has committed so many steps. */
async function training(operation: Operation, step: number): Promise<{ readonly world: World; readonly id: string }> {
  const world = await startWorld(operation, await startVersitygw(operation));
  const id = await submit(world, BUCKET);
  await world.stack.atStep(id, step);
  return { world, id };
}

export const runs: readonly Scenario[] = [
  {
    name: 'run-killed',
    about: 'a run from shards in S3 on two workers with no common path, one killed in the middle: the bits from disk',
    packages: [],
    parts: [versitygw],
    async run(operation) {
      const { world, id } = await training(operation, 12);
      await world.stack.stack.kill(world.stack.stack.workers()[1]?.name ?? '');
      await endsAsFromDisk(operation, world, id);
      for (const cache of world.caches) {
        if ((await readdir(cache)).length === 0) throw new Error(`nothing was fetched into ${cache}`);
      }
    },
  },
  {
    name: 'run-cache-full',
    about:
      'caches on disks of 400 kB, connections cut, the server down for 10 s: shards leave and come, the bits from disk',
    packages: ['mount'],
    parts: [versitygw, toxiproxy],
    async run(operation) {
      using one = SmallDisk.mount(SMALL_CACHE);
      using other = SmallDisk.mount(SMALL_CACHE);
      if (one === undefined || other === undefined)
        throw new Error('a small file system cannot be mounted here: be root');
      const gateway = await startVersitygw(operation);
      await using line = await startToxicLine(operation, gateway.server.url);
      const world = await startWorld(operation, {
        server: gateway.server,
        url: line.url,
        caches: [one.folder, other.folder],
      });
      await line.proxies.poison(LINE, { type: 'limit_data', attributes: { bytes: 30_000 } }, ['downstream']);
      const id = await submit(world, BUCKET);
      await world.stack.atStep(id, 8);
      await line.proxies.close(LINE);
      await delay(DOWN_MS);
      await line.proxies.heal();
      await endsAsFromDisk(operation, world, id);
    },
  },
  {
    name: 'run-cache-damaged',
    about:
      'fetched shards are overwritten and removed in the middle of a run: they are fetched anew, the bits from disk',
    packages: [],
    parts: [versitygw],
    async run(operation) {
      const { world, id } = await training(operation, 8);
      const [first = '', ...others] = await cachedShards(world);
      await writeFile(first, new Uint8Array((await readFile(first)).length));
      for (const path of others) await rm(path);
      operation.note(`1 shard is zeros, ${others.length} are gone`);
      await endsAsFromDisk(operation, world, id);
    },
  },
  {
    name: 'run-checkpoints',
    about: 'data set and checkpoints in a bucket, all processes killed, no checkpoint on disk: the bits from disk',
    packages: [],
    parts: [versitygw],
    async run(operation) {
      const world = await startWorld(operation, await startVersitygw(operation));
      const id = await submit(world, BUCKET, 's3://bucket/checkpoints');
      await world.stack.until(
        id,
        'a checkpoint in the bucket',
        ({ progress, checkpoints }) => progress.step >= 12 && checkpoints.length > 0,
      );
      await world.stack.stack.killAll();
      await rm(join(world.stack.folder, 'data', 'checkpoints'), { recursive: true, force: true });
      await world.stack.startAgain();
      await world.stack.stack.addWorker({ SKIPLANE_SHARD_CACHE: world.caches[1] ?? '' });
      await wentOnFromStore(operation, world, id);
      await endsAsFromDisk(operation, world, id);
    },
  },
  {
    name: 'run-changed',
    about: 'a shard is replaced in the middle of a run by one of the same size: the run stops with its name',
    packages: [],
    parts: [versitygw],
    async run(operation) {
      const { world, id } = await training(operation, 8);
      const shards = (await readdir(world.folder)).filter((name) => name.startsWith('train-'));
      for (const name of shards) {
        const bytes = await readFile(join(world.folder, name));
        await world.server.put(
          'bucket',
          `shards/${name}`,
          Uint8Array.from(bytes, (byte) => byte ^ 1),
        );
      }
      for (const path of await cachedShards(world)) await rm(path);
      const { state, reason } = await ended(world, id).catch((error: unknown) => ({
        state: 'failed',
        reason: String(error),
      }));
      if (state !== 'failed' || !/train-\d+\.tar has changed/.test(reason ?? ''))
        throw new Error(`${state}: ${reason ?? 'no reason'}`);
      operation.note(`${state}: ${reason}`);
    },
  },
];
