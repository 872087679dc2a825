import type { GpuDevice } from './gpu-device.js';

/** Devices that were named, and what was named and is not there. */
export interface ChosenDevices {
  readonly devices: readonly GpuDevice[];
  readonly faults: readonly string[];
}

/** Whether `CUDA_VISIBLE_DEVICES` is given and names no device, as Slurm's `NoDevFiles` does. */
export function hidesAllGpus(visible: string | undefined): boolean {
  if (visible === undefined) return false;
  const [first = ''] = entriesOf(visible);
  return first === '' || first === '-1' || first === 'NoDevFiles';
}

/**
 * The devices that `CUDA_VISIBLE_DEVICES` names: indices as nvidia-smi counts, UUIDs of GPUs and slices, also their
 * beginnings. As for CUDA a -1 ends the list. Undefined: all.
 */
export function visibleDevices(devices: readonly GpuDevice[], visible: string | undefined): ChosenDevices {
  if (visible === undefined) return { devices, faults: [] };
  if (hidesAllGpus(visible)) return { devices: [], faults: [] };
  const entries = entriesOf(visible);
  const end = entries.indexOf('-1');
  const found = (end < 0 ? entries : entries.slice(0, end)).map((entry) => named(devices, entry));
  return {
    devices: [...new Set(found.flatMap((each) => each.devices))],
    faults: found.flatMap((each) => each.faults).map((fault) => `CUDA_VISIBLE_DEVICES=${visible}: ${fault}`),
  };
}

/** The device, or the slices of the GPU, that an index, a UUID or the beginning of one means. */
export function named(devices: readonly GpuDevice[], entry: string): ChosenDevices {
  const isIndex = /^\d+(:\d+)?$/.test(entry);
  if (!isIndex && !/^(GPU|MIG)-./.test(entry)) {
    return { devices: [], faults: [`${entry === '' ? 'an empty entry' : entry} is no index and no UUID`] };
  }
  const means = (device: GpuDevice): boolean =>
    isIndex
      ? device.index === entry || device.index.startsWith(`${entry}:`)
      : device.uuid.startsWith(entry) || device.slice?.gpuUuid.startsWith(entry) === true;
  const found = devices.filter(means);
  const gpus = new Set(found.map(({ uuid, slice }) => slice?.gpuUuid ?? uuid));
  const isOfSlices = entry.startsWith('MIG-');
  if (found.length === 0) return { devices: [], faults: [`there is no ${isIndex ? `GPU ${entry}` : entry}`] };
  if (gpus.size > 1 || (isOfSlices && found.length > 1)) {
    return { devices: [], faults: [`${entry} is the beginning of ${found.map(({ uuid }) => uuid).join(' and of ')}`] };
  }
  return { devices: found, faults: [] };
}

const entriesOf = (visible: string): string[] => visible.split(',').map((entry) => entry.trim());
