import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeShards } from '../../../libs/dataset/src/testing/test-shards.js';
import type { Operation } from '../../operations/operation.js';
import { runSkiplane, type CliAnswer } from '../../operations/run-skiplane.js';
import type { Scenario } from '../../operations/scenario.js';
import { FORMS, formFolder, type Form } from '../forms.js';
import type { BucketServer } from '../parts/bucket-server.js';
import { startMoto } from '../parts/moto.js';
import { python } from '../parts/python.js';
import { startVersitygw, versitygw } from '../parts/versitygw.js';
import { startWebServer } from '../parts/web-server.js';

const answerSchema = z.object({ kind: z.string(), digest: z.string(), numTrainSamples: z.int().positive() });

interface Inspected {
  readonly location: string;
  readonly words?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Program and arguments that run it. */
  readonly within?: readonly string[];
}

/** `skiplane data inspect` of a location of which this machine has kept nothing. */
export function inspect(
  operation: Operation,
  { location, words = [], env = {}, within = [] }: Inspected,
): Promise<CliAnswer> {
  const own = { SKIPLANE_SHARD_CACHE: join(operation.folder, 'cache'), ...env };
  return runSkiplane(['data', 'inspect', location, '--anew', '--json', ...words], own, within);
}

/** The digest of a sound data set. */
async function digestOf(operation: Operation, kind: string, inspected: Inspected): Promise<string> {
  const { code, stdout, text } = await inspect(operation, inspected);
  if (code !== 0) throw new Error(`${inspected.location}: code ${code}: ${text}`);
  const answer = answerSchema.parse(JSON.parse(stdout));
  if (answer.kind !== kind) throw new Error(`${inspected.location} was taken for ${answer.kind}`);
  return answer.digest;
}

/** Compares every form in a store with the same files on disk. `play` puts a folder there and inspects it. */
async function forEachForm(
  operation: Operation,
  play: (form: Form, folder: string) => Promise<string | null>,
): Promise<void> {
  for (const form of FORMS) {
    const { path } = await formFolder(join(operation.folder, 'forms', form.kind));
    await form.write(await formFolder(path));
    const onDisk = await digestOf(operation, form.kind, { location: path });
    const there = await play(form, path);
    if (there !== null && there !== onDisk) throw new Error(`${form.kind}: ${there} in the store, ${onDisk} on disk`);
    operation.note(`${form.kind}: ${there === null ? 'refused, as it should be' : there.slice(0, 16)}`);
  }
}

async function inBucket(operation: Operation, server: BucketServer): Promise<void> {
  await server.makeBucket('bucket');
  await forEachForm(operation, async ({ kind }, folder) => {
    await server.putFolder('bucket', `${kind}/`, folder);
    return await digestOf(operation, kind, { location: `s3://bucket/${kind}`, env: server.env() });
  });
}

const about = (where: string): string => `skiplane data inspect of every form ${where}: the digest on disk`;

/** What runs a program for which this name alone is one of this machine. */
async function withHost(operation: Operation, name: string): Promise<readonly string[]> {
  const file = join(operation.folder, `hosts-${name}`);
  await writeFile(file, `127.0.0.1 localhost ${name}\n`);
  return ['unshare', '--mount', 'sh', '-c', `mount --bind '${file}' /etc/hosts && exec "$0" "$@"`];
}

export const inspections: readonly Scenario[] = [
  {
    name: 'inspect-virtual-host',
    about: 'a bucket in the name of the host (SKIPLANE_S3_PATH_STYLE=off), and in the path: the same digest',
    packages: ['mount', 'util-linux'],
    parts: [versitygw],
    async run(operation) {
      const { server } = await startVersitygw(operation, ['--virtual-domain', 's3.test']);
      const folder = await formFolder(join(operation.folder, 'shards'));
      await writeShards(folder);
      await server.makeBucket('bucket');
      await server.putFolder('bucket', 'shards/', folder.path);
      const location = 's3://bucket/shards';
      const env = server.env(`http://s3.test:${new URL(server.url).port}`);
      const bare = { location, env, within: await withHost(operation, 's3.test') };
      const inPath = await digestOf(operation, 'webdataset', bare);
      const named = { location, env: { ...env, SKIPLANE_S3_PATH_STYLE: 'off' } };
      const within = await withHost(operation, 'bucket.s3.test');
      const digest = await digestOf(operation, 'webdataset', { ...named, within });
      if (digest !== inPath) throw new Error(`${digest} by the host, ${inPath} by the path`);
    },
  },
  {
    name: 'inspect-versitygw',
    about: about('in a bucket of versitygw, its kind not named'),
    packages: [],
    parts: [versitygw],
    run: async (operation) => inBucket(operation, (await startVersitygw(operation)).server),
  },
  {
    name: 'inspect-moto',
    about: about('in a bucket of moto, its kind not named'),
    packages: [],
    parts: [python],
    run: async (operation) => inBucket(operation, await startMoto(operation)),
  },
  {
    name: 'inspect-nginx',
    about: about('behind nginx, its files named; an image folder is refused in words'),
    packages: ['nginx-light'],
    async run(operation) {
      const web = await startWebServer(operation);
      await forEachForm(operation, async ({ kind, named }, folder) => {
        await cp(folder, join(web.folder, kind), { recursive: true });
        const words = ['--kind', kind, ...(named ?? [])];
        const inspected = { location: `${web.url}/${kind}`, words };
        if (named !== null) return await digestOf(operation, kind, inspected);
        const { code, text } = await inspect(operation, inspected);
        if (code !== 2 || !text.includes('a web server cannot list its files'))
          throw new Error(`${kind}: ${code}: ${text}`);
        return null;
      });
    },
  },
];
