import { named, type ChosenDevices } from './choose-devices.js';
import { deviceName, type GpuDevice } from './gpu-device.js';

/** `SKIPLANE_DEVICES`: devices that one worker computes on together. */
export type DeviceSet = 'all' | readonly string[];

/** The devices of a set, in its order, and every reason why they do not compute together: then none is to be used. */
export function chooseSet(shown: readonly GpuDevice[], set: DeviceSet): ChosenDevices {
  const found = set === 'all' ? [{ devices: shown, faults: [] }] : set.map((entry) => named(shown, entry));
  const devices = [...new Set(found.flatMap((each) => each.devices))];
  return { devices, faults: [...found.flatMap((each) => each.faults), ...togetherFaults(devices)] };
}

function togetherFaults(devices: readonly GpuDevice[]): readonly string[] {
  const [first, second] = devices;
  if (!first || !second) return [];
  const names = devices.map(deviceName).join(', ');
  const slice = devices.find((device) => device.slice !== null);
  // CUDA's own limit: of several slices it enumerates the first.
  if (slice) return [`${names}: CUDA shows a process one slice, and nothing beside it`];
  const isOneKind = devices.every(({ name }) => name === first.name);
  return isOneKind ? [] : [`${names}: devices of different kinds have different bits`];
}
