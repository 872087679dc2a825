import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Operation } from '../../operations/operation.js';
import { selfSigned } from '../../operations/nginx.js';
import type { Scenario } from '../../operations/scenario.js';
import { writeShards } from '../../../libs/dataset/src/testing/test-shards.js';
import { formFolder } from '../forms.js';
import { startVersitygw, versitygw } from '../parts/versitygw.js';
import { startWebServer } from '../parts/web-server.js';
import { inspect } from './inspect.js';

/** What a person is told, at once: nobody waits for what no patience mends. */
interface Refusal {
  readonly location: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly words: RegExp;
  /** Default: its shards are named. */
  readonly names?: readonly string[];
}

/** In the middle of the first image. */
const SHORT_BYTES = 1_200;
const SOON_MS = 30_000;
const SHARDS = ['--kind', 'webdataset', '--train-shards', 'train-{00..01}.tar', '--validation-shards', 'val-00.tar'];

async function isTold(operation: Operation, { location, env = {}, words, names = SHARDS }: Refusal): Promise<void> {
  const start = performance.now();
  const { code, text } = await inspect(operation, { location, env, words: names });
  const tookMs = performance.now() - start;
  if (code === 0 || !words.test(text)) throw new Error(`${location}: code ${code}, not ${words.source}: ${text}`);
  if (tookMs > SOON_MS) throw new Error(`${location}: told after ${Math.round(tookMs)} ms`);
  const line = text.split('\n').find((each) => words.test(each)) ?? '';
  operation.note(`code ${code}: ${line.slice(0, 160)}`);
}

/** Three small shards. */
async function shards(operation: Operation): Promise<string> {
  const folder = await formFolder(join(operation.folder, 'shards'));
  await writeShards(folder);
  return folder.path;
}

export const refusals: readonly Scenario[] = [
  {
    name: 's3-refused',
    about: 'no right to a bucket, wrong secret, no bucket, no object, a shard that is short: told at once, by name',
    packages: [],
    parts: [versitygw],
    async run(operation) {
      const gateway = await startVersitygw(operation);
      const { server } = gateway;
      const folder = await shards(operation);
      await server.makeBucket('bucket');
      await server.putFolder('bucket', 'sound/', folder);
      await server.putFolder('bucket', 'short/', folder);
      const sound = await readFile(join(folder, 'train-01.tar'));
      await server.put('bucket', 'short/train-01.tar', sound.subarray(0, SHORT_BYTES));
      const stranger = { accessKeyId: 'STRANGER', secretAccessKey: 'secret' };
      await gateway.addUser(stranger);
      const as = (id: string, secret: string): Readonly<Record<string, string>> => ({
        ...server.env(),
        AWS_ACCESS_KEY_ID: id,
        AWS_SECRET_ACCESS_KEY: secret,
      });
      const env = server.env();
      const location = 's3://bucket/sound';
      const refused: readonly Refusal[] = [
        { location, env: as('STRANGER', 'secret'), words: /answered 403 AccessDenied.*no right/ },
        {
          location,
          env: as('STRANGER', 'wrong'),
          words: /answered 403 SignatureDoesNotMatch: the secret key does not belong/,
        },
        { location, env: as('NOBODY', 'secret'), words: /InvalidAccessKeyId: the store does not know the credentials/ },
        {
          location: 's3://no-bucket/sound',
          words: /no-bucket.*there is no such bucket/,
          env,
          names: ['--kind', 'webdataset'],
        },
        { location: 's3://bucket/nothing', env, words: /train-00\.tar/ },
        { location: 's3://bucket/short', env, words: /train-01\.tar/ },
      ];
      for (const refusal of refused) await isTold(operation, refusal);
    },
  },
  {
    name: 'http-refused',
    about:
      '403, 404, a shard that is short, a certificate that nobody trusts: told at once, by name; trusted, it is read',
    packages: ['nginx-light', 'openssl'],
    async run(operation) {
      const folder = await shards(operation);
      const { certificate, key } = await selfSigned(operation.folder, 'localhost');
      const tlsPort = await operation.freePort();
      const web = await startWebServer(operation, {
        server: `listen 127.0.0.1:${tlsPort} ssl; ssl_certificate ${certificate}; ssl_certificate_key ${key};
          location /closed/ { deny all; }`,
      });
      for (const name of ['sound', 'short']) await cp(folder, join(web.folder, name), { recursive: true });
      const short = join(web.folder, 'short', 'train-01.tar');
      await writeFile(short, (await readFile(short)).subarray(0, SHORT_BYTES));
      const tls = `https://localhost:${tlsPort}/sound`;
      const refused: readonly Refusal[] = [
        { location: `${web.url}/closed`, words: /answered 403 Forbidden: the server refuses this address/ },
        { location: `${web.url}/nothing`, words: /train-00\.tar/ },
        { location: `${web.url}/short`, words: /train-01\.tar/ },
        { location: tls, words: /certificate is not trusted/ },
      ];
      for (const refusal of refused) await isTold(operation, refusal);
      const trusted = await inspect(operation, {
        location: tls,
        words: SHARDS,
        env: { NODE_EXTRA_CA_CERTS: certificate },
      });
      if (trusted.code !== 0) throw new Error(trusted.text);
    },
  },
];
