import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { freePort, startEmbeddedRedis, type EmbeddedRedis } from '#queue';
import { Redis } from 'ioredis';
import { until } from '../../apps/coordinator/src/testing/until.js';
import { fakeDriver } from '../support/drivers/fake-driver.js';
import { ObjectServer } from '../support/object-server/object-server.js';
import { fullEnvironment, KEY, REDIS_PASSWORD } from './full-environment.js';
import { LAUNCHERS, Launched, LaunchedStack, newFolder, type Environment } from './launched-stack.js';
import { healthOf, offlineMachine, ownAddress, workerOf } from './machine.js';
import { readmeVariables } from './readme-variables.js';
import { trainingChecks, trainTiny } from './training-checks.js';

// Whole stacks of real processes, on machines that may be busy.
jest.setTimeout(180_000);

const WAIT = { timeoutMs: 60_000 };
const FEW = ['--workers', '1', '--parameter-servers', '2'];

/** A stack with all variables set that a stack may have set together. */
let full: LaunchedStack;
/** A stack with all others, where the ones of the first are empty. */
let other: LaunchedStack;
let objects: ObjectServer;
let redis: EmbeddedRedis;
let scratch: string;
let [metricsPort, port] = [0, 0];

const cli = async (args: readonly string[], env: Environment = {}): Promise<{ code: number | null; text: string }> => {
  using launched = new Launched({ command: LAUNCHERS['skiplane.mjs up'].slice(0, -1), args, env });
  return await launched.end();
};
/** Why `up` does not start. */
const refusal = async (env: Environment): Promise<string> => {
  const { code, text } = await cli(['up'], { SKIPLANE_DATA_DIR: join(scratch, 'refused'), ...env });
  expect([code, text]).toEqual([2, expect.any(String)]);
  return text;
};
const trainOn = (path: string): Promise<void> =>
  trainTiny(path, scratch, (file) =>
    cli(['submit', file, '--watch'], { SKIPLANE_URL: `${full.url}/sky`, SKIPLANE_API_KEY: KEY }),
  );
const seesTwoGpus = async (env: Environment): Promise<void> => {
  await using driver = await fakeDriver('four');
  const shown = cli(['doctor'], { PATH: driver.path, SKIPLANE_DATA_DIR: scratch, ...env });
  expect((await shown).text).toMatch(/GPU +2: GPU 1 NVIDIA H100 80GB HBM3, GPU 3 NVIDIA H100/);
};
const ask = async (path: string, headers: Record<string, string> = { 'X-API-Key': KEY }): Promise<Response> =>
  await fetch(`${full.url}${path}`, { headers });
const handedOn =
  (variable: string, ...names: readonly string[]) =>
  async (): Promise<void> => {
    for (const name of names)
      expect(readFileSync(`/proc/${full.pidOf(name)}/environ`, 'utf8').split('\0')).toContain(variable);
  };

beforeAll(async () => {
  scratch = newFolder();
  redis = await startEmbeddedRedis({ dataDirectory: join(scratch, 'redis') });
  const admin = new Redis(redis.url);
  await admin.config('SET', 'requirepass', REDIS_PASSWORD);
  admin.disconnect();
  objects = await ObjectServer.start();
  [port, metricsPort] = [await freePort(), await freePort()];
  // A log as an earlier stack left it.
  mkdirSync(join(scratch, 'full', 'logs'), { recursive: true });
  for (const name of ['old.log', 'old.log.1']) writeFileSync(join(scratch, 'full', 'logs', name), 'x'.repeat(2 ** 21));
  full = await LaunchedStack.start(
    {
      command: LAUNCHERS['npm start'],
      args: FEW,
      env: fullEnvironment({ scratch, redisPort: redis.port, port, metricsPort, storeUrl: objects.url }),
    },
    join(scratch, 'full'),
  );
  const { cache, bin } = offlineMachine(scratch);
  const empty = readmeVariables().filter((name) => !name.startsWith('ONEDNN'));
  other = await LaunchedStack.start(
    {
      args: [...FEW, '--port', '0'],
      env: {
        ...Object.fromEntries(empty.map((name) => [name, ''])),
        PATH: bin,
        SKIPLANE_DATA_DIR: join(scratch, 'other'),
        SKIPLANE_CACHE_DIR: cache,
        HOST: '[::]',
        SKIPLANE_PUBLISHED_HOST: '127.0.0.1',
        SKIPLANE_ENGINE: 'portable',
        LOG_LEVEL: 'fatal',
      },
    },
    join(scratch, 'other'),
  );
});
afterAll(async () => {
  for (const stack of [full, other]) await stack?.[Symbol.asyncDispose]();
  await objects.close();
  await redis.stop();
  rmSync(scratch, { recursive: true, force: true });
});

/** What each variable does to a stack that was started with it. */
const CHECKS: Readonly<Record<string, () => Promise<void>>> = {
  REDIS_URL: async () => {
    expect(full.text).not.toContain('redis   ');
    const admin = new Redis(redis.url, { password: REDIS_PASSWORD });
    expect(await admin.keys('skiplane:*')).not.toEqual([]);
    admin.disconnect();
  },
  HOST: async () => {
    expect(full.url).toBe(`http://127.0.0.1:${port}`);
    for (const host of ['127.0.0.1', ownAddress()])
      expect((await fetch(`http://${host}:${port}/health/live`)).status).toBe(200);
    expect(other.url).toMatch(/^http:\/\/localhost:\d+$/);
  },
  PORT: async () => {
    expect(await refusal({ PORT: String(port) })).toContain(`port ${port} on 127.0.0.1 is taken`);
  },
  SKIPLANE_API_KEY: async () => {
    expect((await ask('/v1/runs', {})).status).toBe(401);
    expect((await ask('/v1/runs')).status).toBe(200);
    expect(await (await ask('/health/ready', {})).json()).toEqual({ status: 'ok' });
  },
  SKIPLANE_PUBLISHED_HOST: async () => {
    expect((await fetch(`${other.url}/v1/runs`)).status).toBe(200);
  },
  SKIPLANE_TRUSTED_PROXIES: async () => {
    const forwarded = { 'X-API-Key': KEY, 'X-Forwarded-Prefix': '/cloud' };
    expect(await (await ask('/', { ...forwarded, Accept: 'text/html' })).text()).toContain('/cloud/');
  },
  SKIPLANE_BASE_PATH: async () => {
    expect((await ask('/sky/v1/runs')).status).toBe(200);
  },
  SKIPLANE_TOKEN: async () => {
    const [, address = ''] = /"address":"([^"]+)"/.exec(full.log('parameter-server-1')) ?? [];
    const health = (token: string): Promise<unknown> => healthOf(address, token);
    await expect(health('a token of the tests')).resolves.toBeUndefined();
    await expect(health('another')).rejects.toThrow();
  },
  SKIPLANE_LOG_DIR: async () => {
    expect(await refusal({ SKIPLANE_LOG_DIR: scratch })).toContain('SKIPLANE_LOG_DIR must be unset');
    await handedOn(`SKIPLANE_LOG_DIR=${join(scratch, 'full', 'logs')}`, 'coordinator')();
  },
  SKIPLANE_PARAMETER_SERVERS: async () => {
    expect(await refusal({ SKIPLANE_PARAMETER_SERVERS: '127.0.0.1:7070' })).toContain(
      'SKIPLANE_PARAMETER_SERVERS must be unset',
    );
  },
  SKIPLANE_DATA_DIR: async () => {
    expect(readdirSync(join(scratch, 'full'))).toContain('coordinator.lock');
  },
  ...trainingChecks(() => ({ objects, workerLog: () => full.log('worker-1'), scratch, trainOn, refusal })),
  SKIPLANE_RETENTION: async () => {
    const rules = [{ state: 'failed', afterMs: 30 * 86_400_000 }];
    expect(await (await ask('/v1/retention')).json()).toMatchObject({ rules });
    expect(await refusal({ SKIPLANE_RETENTION: 'failed=soon' })).toContain('SKIPLANE_RETENTION has "failed=soon"');
  },
  SKIPLANE_WORKER_ID: async () => {
    expect((await workerOf(full, KEY)).workerId).toBe('walter');
  },
  SKIPLANE_ENGINES: async () => {
    expect((await workerOf(full, KEY)).device).toBe('CPU x 1');
  },
  SKIPLANE_DATA_THREADS: async () => {
    await until(() => full.log('worker-1').includes('"dataThreads":2'), Boolean, WAIT);
  },
  SKIPLANE_SHARED_MEMORY: async () => {
    // The run of SKIPLANE_CHECKPOINT_DIR has pushed by now.
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    expect(text).toMatch(/^skiplane_parameter_server_received_bytes_total [1-9]/m);
    expect(text).toMatch(/^skiplane_parameter_server_shared_bytes_total 0$/m);
  },
  SKIPLANE_OVERLAP: async () => {
    await until(() => full.log('worker-1').includes('"overlap":"on"'), Boolean, WAIT);
  },
  SKIPLANE_DEVICE: async () => {
    expect((await workerOf(full, KEY)).device).toMatch(/^CPU/);
    await handedOn('SKIPLANE_DEVICE=cpu', 'worker-1')();
  },
  SKIPLANE_DEVICES: async () => await seesTwoGpus({ SKIPLANE_DEVICES: '1, 3' }),
  CUDA_VISIBLE_DEVICES: async () => await seesTwoGpus({ CUDA_VISIBLE_DEVICES: '1,3' }),
  // On a GPU: apps/worker/src/worker-process.spec.ts.
  TF_FORCE_GPU_ALLOW_GROWTH: handedOn('TF_FORCE_GPU_ALLOW_GROWTH=false', 'worker-1'),
  NVIDIA_TF32_OVERRIDE: handedOn('NVIDIA_TF32_OVERRIDE=0', 'worker-1'),
  // What it does: test/operations, with a Redis behind TLS.
  NODE_EXTRA_CA_CERTS: handedOn('NODE_EXTRA_CA_CERTS=/nowhere/ca.pem', 'worker-1', 'coordinator'),
  SKIPLANE_ENGINE: async () => {
    expect((await workerOf(full, KEY)).fingerprint).toMatch(/^graph\//);
    expect((await workerOf(other, KEY)).fingerprint).toMatch(/^portable\//);
  },
  SKIPLANE_HEALTH_FILE: async () => {
    await until(() => existsSync(join(scratch, 'alive')), Boolean, WAIT);
  },
  SKIPLANE_PATIENCE_MS: handedOn('SKIPLANE_PATIENCE_MS=3000', 'worker-1', 'parameter-server-2'),
  SKIPLANE_MEMORY_LIMIT_MIB: handedOn('SKIPLANE_MEMORY_LIMIT_MIB=512', 'parameter-server-1'),
  SKIPLANE_METRICS_PORT: async () => {
    for (const at of [metricsPort, metricsPort + 1])
      expect(await (await fetch(`http://127.0.0.1:${at}/metrics`)).text()).toContain('skiplane_parameter_server');
  },
  SKIPLANE_CACHE_DIR: async () => {
    expect(readFileSync(`/proc/${other.pidOf('redis')}/cmdline`, 'utf8')).toContain(join(scratch, 'cache'));
  },
  SKIPLANE_URL: async () => {
    for (const url of [full.url, `http://${ownAddress()}:${port}`, `http://localhost:${port}`]) {
      const { code, text } = await cli(['workers'], { SKIPLANE_URL: url, SKIPLANE_API_KEY: KEY });
      expect([code, text]).toEqual([0, expect.stringContaining('walter')]);
    }
    const { code, text } = await cli(['ls'], { SKIPLANE_URL: `http://me:s3cret@127.0.0.1:${port}` });
    expect([code, text]).toEqual([2, expect.not.stringContaining('s3cret')]);
  },
  ONEDNN_MAX_CPU_ISA: async () => {
    expect((await workerOf(full, KEY)).fingerprint).not.toContain('avx512');
  },
  TF_ENABLE_ONEDNN_OPTS: async () => {
    expect((await workerOf(full, KEY)).fingerprint).toContain('/eigen');
  },
  SKIPLANE_LOG_MAX_MIB: async () => {
    await until(
      () => readFileSync(join(scratch, 'full', 'logs', 'old.log'), 'utf8').length,
      (size) => size === 0,
      WAIT,
    );
  },
  SKIPLANE_LOG_KEEP: async () => {
    expect(readdirSync(join(scratch, 'full', 'logs')).filter((name) => name.startsWith('old'))).toHaveLength(2);
  },
  LOG_LEVEL: async () => {
    for (const name of ['worker-1', 'coordinator']) {
      await until(() => full.log(name).includes('"level":30'), Boolean, WAIT);
      expect(other.log(name)).toBe('');
    }
  },
};

describe("the README's variables", () => {
  it('are all tried here', () => {
    expect(readmeVariables().filter((name) => CHECKS[name] === undefined)).toEqual([]);
    expect(readmeVariables().length).toBeGreaterThan(20);
  });

  it.each(Object.keys(CHECKS))('%s', async (name) => {
    await CHECKS[name]?.();
  });

  it('are refused all at once before anything starts, by name', async () => {
    const wrong = {
      REDIS_URL: 'http://127.0.0.1',
      HOST: '192.0.2.1',
      PORT: '70000',
      SKIPLANE_DEVICE: 'the best',
      SKIPLANE_DEVICES: '0,best',
      SKIPLANE_ENGINES: 'many',
      SKIPLANE_DATA_THREADS: '0',
      SKIPLANE_DATASET_PATHS: '/data',
      SKIPLANE_SHARED_MEMORY: 'maybe',
      SKIPLANE_OVERLAP: 'some',
      SKIPLANE_PATIENCE_MS: '1',
      SKIPLANE_MEMORY_LIMIT_MIB: '1',
      SKIPLANE_METRICS_PORT: '-1',
      LOG_LEVEL: 'loud',
    };
    const text = await refusal({ ...wrong, SKIPLANE_DATA_DIR: join(scratch, 'untouched') });
    for (const name of Object.keys(wrong)) expect(text).toContain(name);
    expect(existsSync(join(scratch, 'untouched'))).toBe(false);
  });

  it.each(['localhost', '::1', ownAddress()])('HOST=%s is one that the launcher reaches itself', async (host) => {
    await using stack = await LaunchedStack.start({
      args: ['--workers', '0', '--parameter-servers', '1'],
      env: { HOST: host, SKIPLANE_API_KEY: KEY },
    });
    expect(stack.url).toContain(host);
    const { code } = await cli(['ls'], { SKIPLANE_URL: stack.url, SKIPLANE_API_KEY: KEY });
    expect(code).toBe(0);
  });
});

describe('a password', () => {
  it('is on no terminal, in no log, no list of processes and no answer', async () => {
    const forms = [REDIS_PASSWORD, encodeURIComponent(REDIS_PASSWORD)];
    const logs = readdirSync(join(scratch, 'full', 'logs')).map((name) =>
      readFileSync(join(scratch, 'full', 'logs', name), 'utf8'),
    );
    const answers = ['/health/ready', '/v1/workers', '/metrics', '/queues/api/queues', '/docs-json'].map(
      async (path) => await (await ask(path)).text(),
    );
    const env = { REDIS_URL: `redis://:${encodeURIComponent(REDIS_PASSWORD)}x@127.0.0.1:${redis.port}` };
    const { text } = await cli(['doctor'], { ...env, SKIPLANE_DATA_DIR: scratch });
    const processes = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
    for (const said of [full.text, ...logs, ...(await Promise.all(answers)), text, processes])
      for (const secret of [...forms, KEY, 'a token of the tests']) expect(said).not.toContain(secret);
    expect(full.text).toContain('redis://:***@127.0.0.1');
  });
});
