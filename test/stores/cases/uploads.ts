import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openWritableStore, probeWriting, readStoreSettings } from '#stores';
import type { Operation } from '../../operations/operation.js';
import type { Scenario } from '../../operations/scenario.js';
import type { BucketServer } from '../parts/bucket-server.js';
import { startMoto } from '../parts/moto.js';
import { python } from '../parts/python.js';
import { LINE, startToxicLine, toxiproxy } from '../parts/toxic-line.js';
import { startVersitygw, versitygw } from '../parts/versitygw.js';
import { randomShard, readShard, sha256, withEnvironment } from '../read-shard.js';

/** Three parts. */
const SIZE_BYTES = 36_000_000;
const LOCATION = 's3://bucket/checkpoints';
const PROBE_MS = 10_000;
/** Kilobytes a second: the upload takes two seconds and more. */
const RATE = 16_000;

/** A large file goes up over a line that breaks, and one that is given up half way is not there. */
async function uploads(operation: Operation, server: BucketServer): Promise<void> {
  await server.makeBucket('bucket');
  const bytes = randomShard(SIZE_BYTES, 'upload');
  const file = join(operation.folder, 'weights');
  await writeFile(file, bytes);
  await using line = await startToxicLine(operation, server.url);
  await withEnvironment(server.env(line.url), async () => {
    const source = { location: LOCATION, settings: readStoreSettings(process.env) };
    const fault = await probeWriting(source, PROBE_MS);
    if (fault !== undefined) throw new Error(fault);
    const store = openWritableStore(source);
    const slow = { type: 'bandwidth', attributes: { rate: RATE } } as const;
    await line.proxies.poison(LINE, slow, ['upstream']);
    const writing = store.write('weights', { file });
    writing.catch(() => undefined);
    for (let times = 0; times < 2; times += 1) {
      await delay(400);
      await line.proxies.close(LINE);
      await delay(200);
      await line.proxies.heal();
      await line.proxies.poison(LINE, slow, ['upstream']);
    }
    await writing;
    const signal = AbortSignal.timeout(500);
    const isGivenUp = await store.write('half', { file }, { signal }).then(
      () => false,
      () => true,
    );
    if (!isGivenUp) throw new Error('the upload was faster than the line');
    await line.proxies.heal();
    if ((await store.stat('half')) !== null) throw new Error('half a file is there');
    store.close();
  });
  const hash = await readShard(operation, { location: LOCATION, path: 'weights', env: server.env() });
  if (hash !== sha256(bytes)) throw new Error(`other bytes: ${hash}`);
}

const about = (name: string): string =>
  `36 MB go to ${name} in parts over a line that breaks: the same bytes; what is given up half way is not there`;

export const uploaded: readonly Scenario[] = [
  {
    name: 'upload-versitygw',
    about: about('versitygw'),
    packages: [],
    parts: [versitygw, toxiproxy],
    run: async (operation) => uploads(operation, (await startVersitygw(operation)).server),
  },
  {
    name: 'upload-moto',
    about: about('moto'),
    packages: [],
    parts: [python, toxiproxy],
    run: async (operation) => uploads(operation, await startMoto(operation)),
  },
];
