import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openLocalFiles, openStore, readStoreSettings } from '#stores';
import type { Limits } from '../../libs/stores/src/remote/patience.js';
import type { Operation } from '../operations/operation.js';

export interface ShardRequest {
  readonly location: string;
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
  readonly limits?: Limits;
}

/** Bytes that no two shards share and nothing packs. */
export function randomShard(sizeBytes: number, seed: string): Uint8Array {
  const pieces: Buffer[] = [];
  for (let number = 0; number * 64 < sizeBytes; number += 1)
    pieces.push(createHash('sha512').update(`${seed} ${number}`).digest());
  return Buffer.concat(pieces).subarray(0, sizeBytes);
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Fetches a shard into a new shard cache, as a data thread does: the SHA-256 of what lies there then. */
export async function readShard(operation: Operation, { path, ...place }: ShardRequest): Promise<string> {
  return await withShards(operation, place, (read) => read(path));
}

/** A thread that has opened a location and reads shards one after the other, each by its path. */
export async function withShards<T>(
  operation: Operation,
  { location, env, limits }: Omit<ShardRequest, 'path'>,
  work: (read: (path: string) => Promise<string>) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(operation.folder, 'cache-'));
  return await withEnvironment({ ...env, SKIPLANE_SHARD_CACHE: folder }, async () => {
    const source = { location, settings: readStoreSettings(process.env) };
    const store = openStore(source, limits);
    const files = openLocalFiles(source, { ...(limits && { limits }) });
    try {
      return await work(async (path) => {
        const found = await store.stat(path);
        if (found === null) throw new Error(`${path} is not there`);
        return await hashOf(await files.pathOf(found));
      });
    } finally {
      files.close();
      store.close();
      await rm(folder, { recursive: true });
    }
  });
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest('hex');
}

/** Clients of S3 look into the environment of their process. */
export async function withEnvironment<T>(env: Readonly<Record<string, string>>, work: () => Promise<T>): Promise<T> {
  const before = Object.keys(env).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, env);
  try {
    return await work();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}
