import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { homedir, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { workerListSchema, type WorkerHeartbeat } from '#contracts';
import { until } from '../../apps/coordinator/src/testing/until.js';
import { Launched, ROOT, type LaunchedStack } from './launched-stack.js';

const WORKER_MS = 60_000;
/** A cache with the Redis that was provisioned on this machine, and a PATH without a Redis. */
export function offlineMachine(folder: string): { readonly cache: string; readonly bin: string } {
  const [cache, bin] = [join(folder, 'cache'), join(folder, 'bin')];
  mkdirSync(cache);
  mkdirSync(bin);
  const provisioned = join(homedir(), '.cache', 'skiplane', 'valkey');
  if (existsSync(provisioned)) symlinkSync(provisioned, join(cache, 'valkey'));
  symlinkSync(process.execPath, join(bin, 'node'));
  for (const name of ['sh', 'python3']) {
    const path = ['/usr/bin', '/bin'].map((place) => join(place, name)).find((file) => existsSync(file));
    if (path !== undefined) symlinkSync(path, join(bin, name));
  }
  return { cache, bin };
}

/** The first worker of a stack, once it is there. */
export async function workerOf(stack: LaunchedStack, key: string): Promise<WorkerHeartbeat> {
  const list = async (): Promise<readonly WorkerHeartbeat[]> => {
    const answer = await fetch(`${stack.url}/v1/workers`, { headers: { 'X-API-Key': key } });
    return workerListSchema.parse(await answer.json()).workers;
  };
  const [worker] = await until(list, (workers) => workers.length > 0, { timeoutMs: WORKER_MS });
  if (worker === undefined) throw new Error('there is no worker');
  return worker;
}

/** An address of this machine that is not its loopback; else one of those. */
export function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}

/** Asks a parameter server for its health. Rejects where that does not answer, or not with this token. */
export async function healthOf(address: string, token: string): Promise<void> {
  const [HOST, PORT] = [address.slice(0, address.lastIndexOf(':')), address.slice(address.lastIndexOf(':') + 1)];
  const entry = join(ROOT, 'dist', 'programs', 'parameter-server.js');
  using launched = new Launched({
    command: [process.execPath, entry, '--health'],
    env: { HOST, PORT, SKIPLANE_TOKEN: token },
  });
  const { code, text } = await launched.end();
  if (code !== 0) throw new Error(text);
}
