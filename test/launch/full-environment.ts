import { join } from 'node:path';
import type { Environment } from './launched-stack.js';

export const KEY = 'a key of the tests';
/** With characters that an address gives a meaning. */
export const REDIS_PASSWORD = 'p@ss/w:ord';

/** All variables that a stack may have set together. */
export function fullEnvironment({
  scratch,
  redisPort,
  port,
  metricsPort,
  storeUrl,
}: {
  readonly scratch: string;
  readonly redisPort: number;
  readonly port: number;
  readonly metricsPort: number;
  /** Of a server that speaks S3. */
  readonly storeUrl: string;
}): Environment {
  return {
    REDIS_URL: `redis://:${encodeURIComponent(REDIS_PASSWORD)}@127.0.0.1:${redisPort}`,
    HOST: '0.0.0.0',
    PORT: String(port),
    SKIPLANE_API_KEY: KEY,
    SKIPLANE_TRUSTED_PROXIES: '127.0.0.1',
    SKIPLANE_BASE_PATH: '/sky',
    SKIPLANE_TOKEN: 'a token of the tests',
    SKIPLANE_CHECKPOINT_DIR: join(scratch, 'checkpoints'),
    SKIPLANE_RETENTION: 'failed=30d',
    SKIPLANE_DATASET_PATHS: `${join(scratch, 'images')}=${join(scratch, 'copy')}`,
    SKIPLANE_WORKER_ID: 'walter',
    SKIPLANE_ENGINES: '1',
    SKIPLANE_DATA_THREADS: '2',
    SKIPLANE_SHARED_MEMORY: 'off',
    SKIPLANE_OVERLAP: 'on',
    SKIPLANE_DEVICE: 'cpu',
    SKIPLANE_ENGINE: 'graph',
    SKIPLANE_HEALTH_FILE: join(scratch, 'alive'),
    SKIPLANE_PATIENCE_MS: '3000',
    SKIPLANE_MEMORY_LIMIT_MIB: '512',
    SKIPLANE_METRICS_PORT: String(metricsPort),
    SKIPLANE_LOG_MAX_MIB: '1',
    SKIPLANE_LOG_KEEP: '1',
    SKIPLANE_SHARD_CACHE: join(scratch, 'shards'),
    SKIPLANE_SHARD_CACHE_GIB: '1',
    SKIPLANE_S3_PATH_STYLE: 'on',
    SKIPLANE_S3_ANONYMOUS: '1',
    AWS_ENDPOINT_URL_S3: storeUrl,
    ONEDNN_MAX_CPU_ISA: 'AVX2',
    TF_ENABLE_ONEDNN_OPTS: '0',
    TF_FORCE_GPU_ALLOW_GROWTH: 'false',
    NVIDIA_TF32_OVERRIDE: '0',
    LOG_LEVEL: 'debug',
    NODE_EXTRA_CA_CERTS: '/nowhere/ca.pem',
  };
}
