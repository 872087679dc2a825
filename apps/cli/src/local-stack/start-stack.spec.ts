import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { fakeDriver } from '../../../../test/support/drivers/fake-driver.js';
import { isAlive } from '#files';
import { startEmbeddedRedis } from '#queue';
import { spawnApp } from './spawn-app.js';
import type { Stack, StackOptions } from './stack.js';
import { startStack } from './start-stack.js';

/** Small apps that keep the contract: environment in, health over HTTP, stop at SIGTERM and when the parent is gone. */
const FAKE_APP = `
process.on('SIGTERM', () => { console.log('stopping'); process.exit(0); });
process.on('disconnect', () => process.exit(0));
setInterval(() => {}, 1e6);
console.log(JSON.stringify({ worker: process.env.SKIPLANE_WORKER_ID, port: process.env.PORT, ready: true }));
`;
const FAKE_COORDINATOR = `${FAKE_APP}
require('node:http').createServer((request, response) => response.end(JSON.stringify({ servers: process.env.SKIPLANE_PARAMETER_SERVERS,
  token: process.env.SKIPLANE_TOKEN, redis: process.env.REDIS_URL }))).listen(Number(process.env.PORT), process.env.HOST);
`;

// Real processes, on machines that may be busy.
jest.setTimeout(60_000);

describe('startStack', () => {
  let programsDirectory: string;
  let dataDirectory: string;
  let stack: Stack | undefined;
  const notes: string[] = [];

  beforeAll(async () => {
    programsDirectory = await mkdtemp(join(tmpdir(), 'skiplane-programs-'));
    await writeApp('coordinator', FAKE_COORDINATOR);
    await writeApp('parameter-server', FAKE_APP);
    await writeApp('worker', FAKE_APP);
    await writeApp('broken/coordinator', 'console.error("PORT is refused"); process.exit(2)');
    await writeApp('broken/parameter-server', FAKE_APP);
  });
  afterAll(() => rm(programsDirectory, { recursive: true }));
  beforeEach(async () => {
    dataDirectory = await mkdtemp(join(tmpdir(), 'skiplane-stack-'));
    notes.splice(0);
  });
  afterEach(async () => {
    await stack?.killAll();
    stack = undefined;
    await rm(dataDirectory, { recursive: true });
  });

  const writeApp = async (name: string, text: string): Promise<void> => {
    const file = join(programsDirectory, `${name}.js`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  };
  const start = async (options: Partial<StackOptions> = {}): Promise<Stack> => {
    const common = {
      dataDirectory,
      programsDirectory,
      port: 0,
      device: 'cpu',
      note: (line: string) => notes.push(line),
    } as const;
    stack = await startStack({ ...common, ...options });
    return stack;
  };
  const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
    const deadline = Date.now() + 10_000;
    while (!(await condition())) {
      if (Date.now() > deadline) throw new Error('it did not happen within 10 s');
      await delay(20);
    }
  };
  const logOf = (name: string): Promise<string> => readFile(join(dataDirectory, 'logs', `${name}.log`), 'utf8');
  const pids = (running: Stack): number[] => running.processes().flatMap(({ pid }) => pid ?? []);

  it('starts everything with one token and addresses that fit, and leaves nothing behind', async () => {
    const running = await start({ workers: 2, parameterServers: 3 });
    const names = running.processes().map(({ name }) => name);
    expect(names).toEqual([
      'redis',
      'parameter-server-1',
      'parameter-server-2',
      'parameter-server-3',
      'coordinator',
      'worker-1',
      'worker-2',
    ]);
    const seen: unknown = await (await fetch(running.url)).json();
    expect(seen).toMatchObject({ redis: running.redisUrl, token: expect.stringMatching(/^[0-9a-f]{48}$/) });
    expect(seen).toMatchObject({ servers: expect.stringMatching(/^127\.0\.0\.1:\d+(,127\.0\.0\.1:\d+){2}$/) });
    // A worker has no health address to wait for: without its first line, the signal may come before its handler.
    await until(async () => (await logOf('worker-1')).includes('"ready":true'));
    const all = pids(running);
    await running.stop();
    expect(all.filter(isAlive)).toEqual([]);
    expect(await logOf('worker-1')).toContain('stopping');
  });

  it('brings a killed worker back under a new name, and takes more workers', async () => {
    const running = await start();
    await running.kill('worker-1');
    await until(() => running.workers()[0]?.restarts === 1 && running.workers()[0]?.pid !== null);
    await until(async () => (await logOf('worker-1')).includes('"worker-1.2"'));
    expect((await running.addWorker()).name).toBe('worker-2');
    await running.removeWorker('worker-1');
    expect(running.workers().map(({ name }) => name)).toEqual(['worker-2']);
    expect(notes.some((line) => line.startsWith('worker-1 was ended by SIGKILL; again in 1 s'))).toBe(true);
  });

  it('keeps the logs of all processes to their limit', async () => {
    const first = await start();
    await until(async () => (await logOf('worker-1')).includes('"ready":true'));
    await first.stop();
    const before = await logOf('worker-1');
    expect(before).toContain('stopping');
    await start({ logLimits: { maxBytes: 1, numKept: 2 } });
    for (const name of ['redis', 'worker-1'])
      await until(() => existsSync(join(dataDirectory, 'logs', `${name}.log.1`)));
    expect(await logOf('worker-1')).not.toContain(before);
    expect(await readFile(join(dataDirectory, 'logs', 'worker-1.log.1'), 'utf8')).toContain(before);
  });

  it('starts again on the data of a stack that was killed all at once', async () => {
    const first = await start({ restart: false });
    const all = pids(first);
    await first.killAll();
    expect(all.filter(isAlive)).toEqual([]);
    await start();
  });

  it('starts a worker per GPU, and one that can say what is wrong where none can be used', async () => {
    await using four = await fakeDriver('four');
    const slots = { PATH: four.path, CUDA_VISIBLE_DEVICES: '1,3' };
    const running = await start({ device: 'auto', env: slots });
    expect(running.workers()).toHaveLength(2);
    await running.stop();
    await using broken = await fakeDriver('err');
    const alone = await start({ device: 'auto', env: { PATH: broken.path } });
    expect(alone.workers()).toHaveLength(1);
    expect(notes.join('')).toMatch(/no GPU can be used: .*SKIPLANE_DEVICE=cpu/);
    await alone.stop();
    await expect(start({ device: '7', env: slots })).rejects.toThrow('SKIPLANE_DEVICE=7: there is no GPU 7');
    await expect(
      startStack({
        dataDirectory: `${dataDirectory}-2`,
        programsDirectory,
        port: 0,
        device: 'auto',
        workers: 3,
        env: slots,
      }),
    ).rejects.toThrow('3 workers were asked for, but there are 2 GPUs to claim');
    await rm(`${dataDirectory}-2`, { recursive: true });
  });

  it('refuses a data directory that another stack uses', async () => {
    await start();
    await expect(startStack({ dataDirectory, programsDirectory, port: 0 })).rejects.toThrow(
      `in use by process ${process.pid}`,
    );
  });

  it('refuses a taken port by name, before it starts anything', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await expect(start({ port })).rejects.toThrow(
      `port ${port} on 127.0.0.1 is taken by another process: stop what uses it`,
    );
    other.close();
    // The data directory is free again.
    await start();
  });

  it('refuses a Redis that it cannot use in words, before it waits for anything', async () => {
    const server = await startEmbeddedRedis({ dataDirectory });
    try {
      const wrong = server.url.replace('//', '//nobody:secret@');
      const refused = expect(start({ redisUrl: wrong })).rejects;
      await refused.toThrow(/redis:\/\/nobody:\*\*\*@.* does not take the user and password of REDIS_URL/);
      await expect(start({ redisUrl: 'redis://no-such-host.invalid' })).rejects.toThrow('its host name');
    } finally {
      await server.stop();
    }
    // The data directory is free again.
    await start();
  });

  it('shows the end of the log of a coordinator that does not come up, and stops the rest', async () => {
    const broken = start({ programsDirectory: join(programsDirectory, 'broken'), workers: 0 });
    await expect(broken).rejects.toThrow(/the coordinator ended with code 2\..*PORT is refused/s);
    await start();
  });

  it('lets no process outlive the one that started it, even after SIGKILL', async () => {
    // The process between: it starts an app as the stack does and is then killed.
    const log = join(dataDirectory, 'app.log');
    const app = join(programsDirectory, 'worker.js');
    const between = spawn(process.execPath, [
      '-e',
      `const child = require('node:child_process').spawn(process.execPath, [${JSON.stringify(app)}], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], detached: true });
       console.log(child.pid); setInterval(() => {}, 1e6);`,
    ]);
    const [line] = (await once(between.stdout, 'data')) as [Buffer];
    const orphan = Number(line.toString());
    between.kill('SIGKILL');
    await until(() => !isAlive(orphan));
    const ours = await spawnApp(app, log, {});
    expect(isAlive(ours.pid)).toBe(true);
    process.kill(ours.pid, 'SIGKILL');
    await ours.exited;
  });
});
