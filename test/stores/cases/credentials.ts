import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Operation } from '../../operations/operation.js';
import type { Scenario } from '../../operations/scenario.js';
import { withoutKeys, type BucketServer, type Keys } from '../parts/bucket-server.js';
import { RoleEndpoint } from '../parts/role-endpoint.js';
import { startVersitygw, versitygw, type Versitygw } from '../parts/versitygw.js';
import { inFrontOf, startWebServer } from '../parts/web-server.js';
import { randomShard, sha256, withShards } from '../read-shard.js';

const SHARDS = [1, 2, 3].map((number) => randomShard(100_000, `credentials ${number}`));
const LOCATION = 's3://bucket';
const OLD = { accessKeyId: 'OLDKEY', secretAccessKey: 'old-secret' };
const NEW = { accessKeyId: 'NEWKEY', secretAccessKey: 'new-secret' };
const KEYS_END_MS = 1_000;
const HOUR_MS = 3_600_000;

/** Three shards that both users may read. */
async function twoUsers(operation: Operation): Promise<Versitygw> {
  const gateway = await startVersitygw(operation);
  const { server } = gateway;
  await server.makeBucket('bucket');
  for (const [at, shard] of SHARDS.entries()) await server.put('bucket', `${at}.tar`, shard);
  for (const user of [OLD, NEW]) await gateway.addUser(user);
  await server.letRead('bucket', ...[OLD, NEW].map(({ accessKeyId }) => accessKeyId));
  return gateway;
}

async function isWhole(read: (path: string) => Promise<string>, at: number): Promise<void> {
  const hash = await read(`${at}.tar`);
  if (hash !== sha256(SHARDS[at] ?? new Uint8Array())) throw new Error(`other bytes of ${at}.tar: ${hash}`);
}

/** Reads all three with this environment; null, or why that could not be done. */
async function whyNot(operation: Operation, env: Readonly<Record<string, string>>): Promise<string | null> {
  return await readsAll(operation, env).then(
    () => null,
    (error: unknown) => String(error),
  );
}

async function readsAll(operation: Operation, env: Readonly<Record<string, string>>): Promise<void> {
  await withShards(operation, { location: LOCATION, env }, async (read) => {
    for (const at of SHARDS.keys()) await isWhole(read, at);
  });
}

const inFile = ({ accessKeyId, secretAccessKey }: Keys): string =>
  `[default]\naws_access_key_id = NOBODY\naws_secret_access_key = nothing\n\n` +
  `[training]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;

const sharedFile = (url: string, file: string): Readonly<Record<string, string>> => ({
  ...withoutKeys(url),
  AWS_SHARED_CREDENTIALS_FILE: file,
  AWS_PROFILE: 'training',
});

/** nginx that takes keys for expired as soon as a file is there, with the answer of S3; HEAD has no body to say it in. */
function expiring(operation: Operation, server: BucketServer, flag: string): Promise<{ readonly url: string }> {
  const error = '<?xml version="1.0"?><Error><Code>ExpiredToken</Code><Message>expired</Message></Error>';
  return startWebServer(operation, {
    http: `map $http_authorization $old { default ""; "~Credential=${OLD.accessKeyId}/" "old"; }`,
    server: `set $judged $old; if (-f ${flag}) { set $judged "$old expired"; }
      if ($judged = "old expired") { return 400 '${error}'; } default_type application/xml; ${inFrontOf(server.url)}`,
  });
}

export const credentials: readonly Scenario[] = [
  {
    name: 'keys-in-a-file',
    about: 'keys of a profile in the shared credentials file; written anew when the old ones have expired',
    packages: ['nginx-light'],
    parts: [versitygw],
    async run(operation) {
      const { server } = await twoUsers(operation);
      const [file, flag] = [join(operation.folder, 'credentials'), join(operation.folder, 'expired')];
      const { url } = await expiring(operation, server, flag);
      await writeFile(file, inFile(OLD));
      await withShards(operation, { location: LOCATION, env: sharedFile(url, file) }, async (read) => {
        await isWhole(read, 0);
        await writeFile(file, inFile(NEW));
        await writeFile(flag, '');
        await isWhole(read, 1);
        operation.note('the new keys are found in the file');
      });
      await writeFile(file, inFile(OLD));
      const refused = await whyNot(operation, sharedFile(url, file));
      if (!/expired/.test(refused ?? '')) throw new Error(`expired keys: ${refused}`);
    },
  },
  {
    name: 'keys-of-a-role',
    about: 'keys from the endpoint of a container, which end soon and are then no longer known to the store',
    packages: [],
    parts: [versitygw],
    async run(operation) {
      const gateway = await twoUsers(operation);
      await using endpoint = await RoleEndpoint.start(OLD, KEYS_END_MS);
      const env = { ...withoutKeys(gateway.server.url), ...endpoint.env };
      await withShards(operation, { location: LOCATION, env }, async (read) => {
        await isWhole(read, 0);
        endpoint.keys = NEW;
        await gateway.removeUser(OLD);
        await delay(KEYS_END_MS);
        await isWhole(read, 1);
      });
      operation.note('keys that end are asked for again');
      await gateway.addUser(OLD);
      [endpoint.keys, endpoint.forMs] = [OLD, HOUR_MS];
      await withShards(operation, { location: LOCATION, env }, async (read) => {
        await isWhole(read, 0);
        endpoint.keys = NEW;
        await gateway.removeUser(OLD);
        await isWhole(read, 1);
      });
      operation.note('keys that the store no longer knows are asked for again');
    },
  },
  {
    name: 'keys-none',
    about: 'without keys: a public bucket is read, another is refused in words',
    packages: [],
    parts: [versitygw],
    async run(operation) {
      const { server } = await twoUsers(operation);
      const refused = await whyNot(operation, withoutKeys(server.url));
      if (!/no credentials for S3: set AWS_ACCESS_KEY_ID/.test(refused ?? '')) throw new Error(`no keys: ${refused}`);
      await server.letRead('bucket', '*');
      await readsAll(operation, { ...withoutKeys(server.url), SKIPLANE_S3_ANONYMOUS: '1' });
    },
  },
];
