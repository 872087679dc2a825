import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoreSettings } from '#stores';
import { ObjectServer } from './object-server.js';

/** A server of objects that clients of S3 in this process, and in those it starts, find by their environment. */
export interface Bucket extends AsyncDisposable {
  readonly server: ObjectServer;
  /** With a shard cache of its own. */
  readonly settings: StoreSettings;
}

export async function inBucket(): Promise<Bucket> {
  const server = await ObjectServer.start();
  const folder = await mkdtemp(join(tmpdir(), 'skiplane-bucket-'));
  const variables: Readonly<Record<string, string>> = {
    AWS_ENDPOINT_URL_S3: server.url,
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    SKIPLANE_SHARD_CACHE: join(folder, 'shards'),
  };
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return {
    server,
    settings: {
      cache: { folder: join(folder, 'shards'), maxBytes: 2 ** 30 },
      s3PathStyle: 'auto',
      isS3Anonymous: false,
    },
    async [Symbol.asyncDispose]() {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
