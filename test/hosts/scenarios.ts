import { existsSync } from 'node:fs';
import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostStack } from './host-stack.js';
import type { Network } from './network.js';

interface Place {
  readonly stack: HostStack;
  readonly network: Network;
  readonly runId: string;
}

/** Longer than anybody's patience. */
const AWAY_MS = 5_000;
const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

type Scenarios = Readonly<Record<string, (place: Place) => Promise<void>>>;

/** What happens to a run in its middle. Each must leave the weights as they are without it. */
export const SCENARIOS: Scenarios = {
  'a worker loses its network for 5 s': async ({ stack, network }) => {
    await network.disconnect(stack.host('worker1'));
    await delay(AWAY_MS);
    await network.reconnect(stack.host('worker1'));
  },
  'a parameter server loses its network for 5 s': async ({ stack, network }) => {
    await network.disconnect(stack.host('server1'));
    await delay(AWAY_MS);
    await network.reconnect(stack.host('server1'));
  },
  'a worker has 100 Mb/s from now on': async ({ stack, network }) => {
    await network.slow(stack.host('worker2'), 100e6);
  },
  'a worker hangs for 5 s': async ({ stack }) => {
    stack.process('worker2').signal('SIGSTOP');
    await delay(AWAY_MS);
    stack.process('worker2').signal('SIGCONT');
  },
  'a worker is killed and another comes': async ({ stack }) => {
    await stack.process('worker1').stop('SIGKILL');
    await delay(1_000);
    stack.startWorker('worker1');
  },
  'a worker runs out of memory': async ({ stack }) => {
    await runOutOfMemory(stack.process('worker1').pid);
    await delay(1_000);
    stack.startWorker('worker1');
  },
};

/** The same, to streams that go through proxies. */
export const STREAM_SCENARIOS: Scenarios = {
  'the way to the parameter servers takes 40 ms more, give or take 20': async ({ stack: { proxies } }) => {
    for (const server of SERVERS)
      await proxies.poison(server, { type: 'latency', attributes: { latency: 40, jitter: 20 } });
  },
  'the way to one parameter server takes 200 ms more, and it comes in small pieces': async ({ stack: { proxies } }) => {
    await proxies.poison('server2', { type: 'latency', attributes: { latency: 200, jitter: 0 } });
    await proxies.poison('server1', {
      type: 'slicer',
      attributes: { average_size: 4_000, size_variation: 3_000, delay: 100 },
    });
  },
  'every connection to a parameter server is reset after 100 ms, for 5 s': async ({ stack: { proxies } }) => {
    await proxies.poison('server1', { type: 'reset_peer', attributes: { timeout: 100 } });
    await delay(AWAY_MS);
    await proxies.heal();
  },
  'Redis cannot be reached for 5 s': async ({ stack: { proxies } }) => {
    await proxies.close('redis');
    await delay(AWAY_MS);
    await proxies.heal();
  },
  'the way to Redis takes 100 ms more': async ({ stack: { proxies } }) => {
    await proxies.poison('redis', { type: 'latency', attributes: { latency: 100, jitter: 50 } });
  },
};

/** The parameter servers of the stack, by name. */
const SERVERS = ['server1', 'server2'];

const CGROUPS = '/sys/fs/cgroup';

/** Whether the kernel's memory limits can be used here, either version. */
export const hasMemoryLimits = (): boolean =>
  existsSync(join(CGROUPS, 'memory', 'memory.limit_in_bytes')) || existsSync(join(CGROUPS, 'cgroup.controllers'));

/** Moves a process under a limit far below what it holds and makes the kernel reclaim: it is killed at its next pages. */
async function runOutOfMemory(pid: number): Promise<void> {
  const isFirst = existsSync(join(CGROUPS, 'memory', 'memory.limit_in_bytes'));
  const group = join(CGROUPS, ...(isFirst ? ['memory'] : []), `skiplane-${pid}`);
  await mkdir(group);
  await writeFile(join(group, isFirst ? 'memory.limit_in_bytes' : 'memory.max'), String(4 * 2 ** 20));
  // No swapping out instead: absent where the machine has no swap.
  await writeFile(join(group, 'memory.swappiness'), '0').catch(() => undefined);
  if (isFirst) await writeFile(join(group, 'memory.move_charge_at_immigrate'), '1').catch(() => undefined);
  await writeFile(join(group, 'cgroup.procs'), String(pid));
  for (let waited = 0; waited < 200 && existsSync(`/proc/${pid}`); waited += 1) await delay(50);
  const isGone = !existsSync(`/proc/${pid}`);
  await delay(200);
  await rmdir(group).catch(() => undefined);
  if (!isGone) throw new Error(`process ${pid} was not killed for want of memory`);
}
