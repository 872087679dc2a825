import { hostLockHolder, takeHostLock, type HostLock } from '#files';
import { DeviceRefusedError } from './device-refused-error.js';
import { othersOn, userText } from './device-users.js';
import type { FoundDevices } from './find-devices.js';
import { deviceName, type GpuDevice } from './gpu-device.js';

/** A device that this process alone of Skiplane's computes on. */
export interface ClaimedDevice {
  readonly device: GpuDevice;
  /** What its user should know: what is wrong beside it, and who else computes on it. */
  readonly warnings: readonly string[];
  release(): Promise<void>;
}

/** Another lock on a device, beyond this host; says in words who holds it where it is not to be had. */
export type FurtherLock = (device: GpuDevice) => Promise<HostLock | string>;

/**
 * Claims the first device that no other process of this host holds.
 * @param holder what others are told: `worker w1, process 42`
 * @throws DeviceRefusedError naming who holds each.
 */
export async function claimDevice(
  { devices, faults, users }: FoundDevices,
  holder: string,
  further: FurtherLock = async () => ({ release: async () => undefined }),
): Promise<ClaimedDevice> {
  const taken: string[] = [];
  for (const device of devices) {
    const lock = await takeHostLock(lockName(device), holder);
    if (typeof lock === 'string') {
      taken.push(`${deviceName(device)} by ${lock}`);
      continue;
    }
    const second = await further(device).catch(async (error: unknown) => {
      await lock.release();
      throw error;
    });
    if (typeof second === 'string') {
      await lock.release();
      taken.push(`${deviceName(device)} by ${second}`);
      continue;
    }
    const others = othersOn(device, users).map(userText);
    return {
      device,
      warnings: [
        ...faults,
        ...(others.length > 0 ? [`${deviceName(device)} is also used by ${others.join(', ')}`] : []),
      ],
      release: async () => {
        await second.release();
        await lock.release();
      },
    };
  }
  const also = faults.length > 0 ? `; ${faults.join('; ')}` : '';
  throw new DeviceRefusedError(`every GPU is taken: ${taken.join(', ')}${also}`, true);
}

/** Who holds a device on this host, in words; null: nobody. */
export function holderOfDevice(device: GpuDevice): Promise<string | null> {
  return hostLockHolder(lockName(device));
}

const lockName = ({ uuid }: GpuDevice): string => `device/${uuid}`;
