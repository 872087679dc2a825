import { readFile, readlink } from 'node:fs/promises';
import { REDIS_KEYS } from '#queue';
import type { HostLock } from '#files';
import type { GpuDevice } from '#tensorflow-runtime';
import type { Redis } from 'ioredis';
import { z } from 'zod';

const LEASE_MS = 15_000;

const holderSchema = z.object({ worker: z.string(), place: z.string() });
type Holder = Readonly<z.infer<typeof holderSchema>>;

/**
 * Leases a device in Redis, beside the host's lock, which containers do not share: replicas of one service definition
 * see the same GPUs. The lease is renewed until it is released, and runs out by itself when the process dies. Says in
 * words who holds it where it is not to be had.
 */
export async function takeGpuLease(device: GpuDevice, redis: Redis, worker: string): Promise<HostLock | string> {
  const key = REDIS_KEYS.device(device.uuid);
  const own: Holder = { worker, place: await placeOfLocks() };
  const value = JSON.stringify(own);
  if ((await redis.set(key, value, 'PX', LEASE_MS, 'NX')) !== 'OK') {
    const holder = holderOf(await redis.get(key));
    // One where this process sees the host's lock would hold that, too: it is dead, and its lease only has not run out.
    if (holder?.place !== own.place)
      return `worker ${holder?.worker ?? 'unknown'} in another container or on another host`;
    await redis.set(key, value, 'PX', LEASE_MS);
  }
  // Written again also after Redis was emptied: TensorFlow holds the device whatever Redis says.
  const renewal = setInterval(() => void redis.set(key, value, 'PX', LEASE_MS).catch(() => null), LEASE_MS / 3);
  return {
    release: async () => {
      clearInterval(renewal);
      if ((await redis.get(key).catch(() => null)) === value) await redis.del(key).catch(() => 0);
    },
  };
}

function holderOf(value: string | null): Holder | null {
  try {
    return holderSchema.parse(JSON.parse(value ?? ''));
  } catch {
    return null;
  }
}

/** Names this start of this machine and, on it, the name space that locks of the host lie in. */
async function placeOfLocks(): Promise<string> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => 'unknown');
  const space = await readlink('/proc/self/ns/net').catch(() => String(process.pid));
  return `${boot.trim()} ${space}`;
}
