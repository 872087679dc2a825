import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseEnvironment, variables, type Environment } from '#telemetry';
import { z } from 'zod';

/** How this host reaches stores: plain data, which goes to threads. No credentials: each thread finds them anew. */
export interface StoreSettings {
  readonly cache: CacheSettings;
  /** Whether the bucket stands in the path of a request, not in the name of the host. `auto`: where an endpoint is set. */
  readonly s3PathStyle: 'auto' | 'on' | 'off';
  /** Requests are not signed: for public buckets. */
  readonly isS3Anonymous: boolean;
}

/** The shard cache: files of stores, and unpacked parts of files. Shared by the processes of this host. */
export interface CacheSettings {
  readonly folder: string;
  /** What was used least recently goes first. */
  readonly maxBytes: number;
}

/** The variables of whoever reads data sets or writes to stores. Credentials, region and endpoint have their usual names. */
export const storeVariables = {
  SKIPLANE_CACHE_DIR: variables.SKIPLANE_CACHE_DIR.optional(),
  /** By the XDG base directory specification. */
  XDG_CACHE_HOME: z.string().optional(),
  SKIPLANE_SHARD_CACHE: variables.SKIPLANE_SHARD_CACHE.optional(),
  SKIPLANE_SHARD_CACHE_GIB: variables.SKIPLANE_SHARD_CACHE_GIB.default(100),
  SKIPLANE_S3_PATH_STYLE: variables.SKIPLANE_S3_PATH_STYLE.default('auto'),
  SKIPLANE_S3_ANONYMOUS: variables.SKIPLANE_S3_ANONYMOUS.default('0'),
};
const variablesSchema = z.object(storeVariables);

/** The settings that a process's variables say. */
export function storeSettings(values: z.infer<typeof variablesSchema>): StoreSettings {
  const { SKIPLANE_CACHE_DIR: ours, XDG_CACHE_HOME: everyones } = values;
  const folder =
    values.SKIPLANE_SHARD_CACHE ?? join(ours ?? join(everyones ?? join(homedir(), '.cache'), 'skiplane'), 'shards');
  return {
    cache: { folder: resolve(folder), maxBytes: values.SKIPLANE_SHARD_CACHE_GIB * 2 ** 30 },
    s3PathStyle: values.SKIPLANE_S3_PATH_STYLE,
    isS3Anonymous: values.SKIPLANE_S3_ANONYMOUS === '1',
  };
}

/** For processes with no other variables. Throws RefusedInputError naming every fault. */
export function readStoreSettings(environment: Environment): StoreSettings {
  return storeSettings(parseEnvironment(variablesSchema, environment));
}
