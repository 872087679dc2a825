import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
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

/** What happens to a run in its middle. Each must leave the weights as they are without it. */
export const SCENARIOS: Readonly<Record<string, (place: Place) => Promise<void>>> = {
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
    await network.slow(stack.host('worker2'), '100mbit');
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

/** Rejects with what is missing on this machine. */
export async function assertTools(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('network namespaces need root');
  await promisify(execFile)('ip', ['-V']).catch(() => {
    throw new Error('there is no ip on the PATH (Debian: apt-get install iproute2)');
  });
}
