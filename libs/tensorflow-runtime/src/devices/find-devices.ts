import { hidesAllGpus, named, visibleDevices } from './choose-devices.js';
import { chooseSet, type DeviceSet } from './device-set.js';
import { DeviceRefusedError } from './device-refused-error.js';
import { deviceUsers, othersOn, type DeviceUser } from './device-users.js';
import type { GpuDevice } from './gpu-device.js';
import type { DriverOptions } from './nvidia-smi.js';
import { surveyGpus } from './survey-gpus.js';

/** Which device is wanted, or which several. */
export interface DeviceWish {
  /** `SKIPLANE_DEVICE`: `auto`, `cpu`, or index or UUID of a GPU or a slice. */
  readonly device: string;
  /** `SKIPLANE_DEVICES`; goes before a `device` of `auto`. */
  readonly devices?: DeviceSet | undefined;
  /** `CUDA_VISIBLE_DEVICES` as it was given. */
  readonly visible: string | undefined;
  readonly driver?: DriverOptions;
}

/** Devices to claim one of, those with the most memory free of others first, or to claim together; none: the CPU. */
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
export async function findDevices({ device, devices: set, visible, driver }: DeviceWish): Promise<FoundDevices> {
  if (device === 'cpu') return CPU;
  const said = saidOf(device, set);
  if (hidesAllGpus(visible)) {
    if (said === null) return CPU;
    throw new DeviceRefusedError(`${said}, but CUDA_VISIBLE_DEVICES=${visible ?? ''} shows no GPU`);
  }
  const survey = await surveyGpus(driver);
  if (!survey.hasDriver) {
    if (said === null) return CPU;
    throw new DeviceRefusedError(`${said} names a GPU that is not there: no nvidia-smi is on the PATH`);
  }
  const shown = visibleDevices(survey.devices, visible);
  const chosen = set ? chooseSet(shown.devices, set) : device === 'auto' ? shown : named(shown.devices, device);
  const wish = said === null ? [] : chosen.faults.map((fault) => `${said}: ${fault}`);
  const faults = [...survey.faults, ...shown.faults, ...wish];
  const isIncomplete = set !== undefined && wish.length > 0;
  if (chosen.devices.length === 0 || isIncomplete) {
    throw new DeviceRefusedError(`no GPU can be used: ${faults.join('; ')}`);
  }
  const users = await deviceUsers(driver);
  const usedMib = (one: GpuDevice): number => othersOn(one, users).reduce((sum, user) => sum + (user.usedMib ?? 0), 0);
  const inOrder = set ? chosen.devices : chosen.devices.toSorted((a, b) => usedMib(a) - usedMib(b));
  return { devices: inOrder, faults, users };
}

/** The wish as it was set; null: any GPU, or none. */
function saidOf(device: string, set: DeviceSet | undefined): string | null {
  if (set) return `SKIPLANE_DEVICES=${set === 'all' ? set : set.join(',')}`;
  return device === 'auto' ? null : `SKIPLANE_DEVICE=${device}`;
}
