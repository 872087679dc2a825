import { hidesAllGpus, named, visibleDevices } from './choose-devices.js';
import { DeviceRefusedError } from './device-refused-error.js';
import { deviceUsers, othersOn, type DeviceUser } from './device-users.js';
import type { GpuDevice } from './gpu-device.js';
import type { DriverOptions } from './nvidia-smi.js';
import { surveyGpus } from './survey-gpus.js';

/** Which device is wanted. */
export interface DeviceWish {
  /** `SKIPLANE_DEVICE`: `auto`, `cpu`, or index or UUID of a GPU or a slice. */
  readonly device: string;
  /** `CUDA_VISIBLE_DEVICES` as it was given. */
  readonly visible: string | undefined;
  readonly driver?: DriverOptions;
}

/** Devices to claim one of, those with the most memory free of others first; none: the CPU. */
export interface FoundDevices {
  readonly devices: readonly GpuDevice[];
  /** What is wrong beside them: sick GPUs, names that nothing has. */
  readonly faults: readonly string[];
  /** Programs that compute on them. */
  readonly users: readonly DeviceUser[];
}

const CPU: FoundDevices = { devices: [], faults: [], users: [] };

/**
 * Finds the devices that may be claimed. A machine without a driver tool has none, and so has one whose
 * `CUDA_VISIBLE_DEVICES` is empty.
 * @throws DeviceRefusedError where there should be a GPU and none can be used; it names every fault.
 */
export async function findDevices({ device, visible, driver }: DeviceWish): Promise<FoundDevices> {
  if (device === 'cpu') return CPU;
  const isAuto = device === 'auto';
  if (hidesAllGpus(visible)) {
    if (isAuto) return CPU;
    throw new DeviceRefusedError(`SKIPLANE_DEVICE=${device}, but CUDA_VISIBLE_DEVICES=${visible ?? ''} shows no GPU`);
  }
  const survey = await surveyGpus(driver);
  if (!survey.hasDriver) {
    if (isAuto) return CPU;
    const what = `SKIPLANE_DEVICE=${device} names a GPU that is not there`;
    throw new DeviceRefusedError(`${what}: no nvidia-smi is on the PATH`);
  }
  const shown = visibleDevices(survey.devices, visible);
  const chosen = isAuto ? shown : named(shown.devices, device);
  const wish = isAuto ? [] : chosen.faults.map((fault) => `SKIPLANE_DEVICE=${device}: ${fault}`);
  const faults = [...survey.faults, ...shown.faults, ...wish];
  if (chosen.devices.length === 0) throw new DeviceRefusedError(`no GPU can be used: ${faults.join('; ')}`);
  const users = await deviceUsers(driver);
  const usedMib = (one: GpuDevice): number => othersOn(one, users).reduce((sum, user) => sum + (user.usedMib ?? 0), 0);
  return { devices: chosen.devices.toSorted((a, b) => usedMib(a) - usedMib(b)), faults, users };
}
