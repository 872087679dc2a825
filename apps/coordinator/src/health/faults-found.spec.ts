import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { healthSchema, runViewSchema, type Fault, type Health } from '#contracts';
import { ParameterServer } from '#parameter-server';
import { REDIS_KEYS } from '#queue';
import { silentLogger, skiplaneVersion } from '#telemetry';
import { TestStack } from '../testing/test-stack.js';
import { until } from '../testing/until.js';

jest.setTimeout(60_000);

describe('what is wrong around a coordinator', () => {
  let stack: TestStack;
  let server: ParameterServer;
  let servers: string[];

  beforeEach(async () => {
    stack = await TestStack.open();
    server = new ParameterServer({ port: 0, logger: silentLogger(), version: skiplaneVersion() });
    await server.start();
    servers = [server.address];
  });
  afterEach(async () => {
    await stack[Symbol.asyncDispose]();
    await server.close();
  });

  const health = async (): Promise<Health> => healthSchema.parse(await (await fetch(`${stack.url}/v1/health`)).json());
  const fault = async (kind: string): Promise<Fault> => {
    const { faults } = await until(health, (answer) => answer.faults.some((one) => one.kind === kind), { what: kind });
    const found = faults.find((one) => one.kind === kind);
    if (found === undefined) throw new Error(`no ${kind}`);
    return found;
  };
  const gone = (kind: string): Promise<Health> =>
    until(health, ({ faults }) => faults.every((one) => one.kind !== kind), { what: `the end of ${kind}` });
  const metrics = async (): Promise<string> => (await fetch(`${stack.url}/metrics`)).text();

  it('is listed with its subject, counted by a metric, and closed when it is over', async () => {
    await mkdir(join(stack.directory, 'data', 'runs', 'x'), { recursive: true });
    await writeFile(join(stack.directory, 'data', 'runs', 'x', 'run.json'), '{');
    await stack.start({ parameterServers: servers });
    expect(await fault('unreadable-records')).toMatchObject({ subject: 'runs', severity: 'warning' });
    expect(await metrics()).toContain('skiplane_fault{kind="unreadable-records",subject="runs"} 1');

    await stack.redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    expect((await fault('redis-eviction')).advice).toContain('noeviction');
    await stack.redis.config('SET', 'maxmemory-policy', 'noeviction');
    await gone('redis-eviction');

    await stack.redis.set(REDIS_KEYS.worker('alien'), '{"of":"another version"}');
    expect(await fault('worker-version')).toMatchObject({ subject: 'alien' });
    await stack.redis.del(REDIS_KEYS.worker('alien'));
    await gone('worker-version');
    // None of these takes the coordinator out of service.
    expect((await fetch(`${stack.url}/health/ready`)).status).toBe(200);
  });

  it('is a parameter server that does not answer, until it does', async () => {
    await stack.start({ parameterServers: servers });
    await until(health, ({ versions }) => versions.parameterServers[0]?.version === skiplaneVersion());
    expect((await health()).faults.map(({ kind }) => kind)).not.toContain('parameter-server');
    await server.close();
    expect(await fault('parameter-server')).toMatchObject({ subject: servers[0] });
  });

  it('is a worker that refuses a run, which the run says too', async () => {
    await stack.start({ parameterServers: servers });
    const { id } = await stack.submit();
    await stack.fleet.add('w1', { refusal: 'no such folder' });
    expect(await fault('worker-refuses')).toMatchObject({
      subject: 'w1',
      message: `worker w1 refuses run ${id}: no such folder`,
    });
    const run = runViewSchema.parse(await (await fetch(`${stack.url}/v1/runs/${id}`)).json());
    expect(run.numWarnings).toBeGreaterThan(0);
    expect(run.warnings.map(({ level, message }) => [level, message])).toContainEqual([
      'error',
      'worker w1 refuses the run: no such folder',
    ]);
    await stack.post(`/v1/runs/${id}/cancel`);
    await gone('worker-refuses');
  });

  it('is a worker that comes and goes', async () => {
    await stack.start({ parameterServers: servers });
    for (let restart = 1; restart <= 3; restart += 1) {
      const worker = await stack.fleet.add(restart === 1 ? 'w1' : `w1.${restart}`);
      await until(health, ({ versions }) => versions.workers.length > 0);
      await worker.kill();
      await until(health, ({ versions }) => versions.workers.length === 0);
    }
    expect(await fault('crash-loop')).toMatchObject({ subject: 'w1', severity: 'error' });
  });
});
