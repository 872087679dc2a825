import { hostLockHolder, takeHostLock, type HostLock } from '#files';
import { DeviceRefusedError } from './device-refused-error.js';
import { othersOn, userText } from './device-users.js';
import type { FoundDevices } from './find-devices.js';
import { deviceName, type GpuDevice } from './gpu-device.js';

/** Devices that this process alone of Skiplane's computes on. */
export interface ClaimedDevices {
  readonly devices: readonly GpuDevice[];
  /** What their user should know: what is wrong beside them, and who else computes on them. */
  readonly warnings: readonly string[];
  release(): Promise<void>;
}

/** A single one of them. */
export interface ClaimedDevice extends ClaimedDevices {
  readonly device: GpuDevice;
}

/** Another lock on a device, beyond this host; says in words who holds it where it is not to be had. */
export type FurtherLock = (device: GpuDevice) => Promise<HostLock | string>;

const NO_FURTHER: FurtherLock = async () => ({ release: async () => undefined });

/**
 * Claims the first device that no other process of this host holds.
 * @param holder what others are told: `worker w1, process 42`
 * @throws DeviceRefusedError naming who holds each.
 */
export async function claimDevice(
  found: FoundDevices,
  holder: string,
  further: FurtherLock = NO_FURTHER,
): Promise<ClaimedDevice> {
  const taken: string[] = [];
  for (const device of found.devices) {
    const lock = await takeLocks(device, holder, further);
    if (typeof lock !== 'string') {
      const devices = [device];
      return { device, devices, warnings: warningsOf(found, devices), release: () => lock.release() };
    }
    taken.push(`${deviceName(device)} by ${lock}`);
  }
  throw busy('every GPU is taken', taken, found);
}

/**
 * Claims all devices that were found, or none.
 * @throws DeviceRefusedError naming who holds which.
 */
export async function claimDevices(
  found: FoundDevices,
  holder: string,
  further: FurtherLock = NO_FURTHER,
): Promise<ClaimedDevices> {
  const { devices } = found;
  const locks: HostLock[] = [];
  const release = async (): Promise<void> => {
    for (const lock of locks) await lock.release();
  };
  try {
    const taken: string[] = [];
    for (const device of devices) {
      const lock = await takeLocks(device, holder, further);
      if (typeof lock === 'string') taken.push(`${deviceName(device)} by ${lock}`);
      else locks.push(lock);
    }
    if (taken.length > 0) throw busy('not every GPU is free', taken, found);
    return { devices, warnings: warningsOf(found, devices), release };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Both locks on a device, or who holds it. */
async function takeLocks(device: GpuDevice, holder: string, further: FurtherLock): Promise<HostLock | string> {
  const lock = await takeHostLock(lockName(device), holder);
  if (typeof lock === 'string') return lock;
  const second = await further(device).catch(async (error: unknown) => {
    await lock.release();
    throw error;
  });
  if (typeof second === 'string') {
    await lock.release();
    return second;
  }
  return {
    release: async () => {
      await second.release();
      await lock.release();
    },
  };
}

function warningsOf({ faults, users }: FoundDevices, devices: readonly GpuDevice[]): readonly string[] {
  const shared = devices.flatMap((device) => {
    const others = othersOn(device, users).map(userText);
    return others.length > 0 ? [`${deviceName(device)} is also used by ${others.join(', ')}`] : [];
  });
  return [...faults, ...shared];
}

function busy(what: string, taken: readonly string[], { faults }: FoundDevices): DeviceRefusedError {
  const also = faults.length > 0 ? `; ${faults.join('; ')}` : '';
  return new DeviceRefusedError(`${what}: ${taken.join(', ')}${also}`, true);
}

/** Who holds a device on this host, in words; null: nobody. */
export function holderOfDevice(device: GpuDevice): Promise<string | null> {
  return hostLockHolder(lockName(device));
}

const lockName = ({ uuid }: GpuDevice): string => `device/${uuid}`;
