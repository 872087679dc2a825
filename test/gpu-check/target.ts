import { RefusedInputError } from '#contracts';
import {
  bitsEnvironment,
  claimDevices,
  deviceEnvironment,
  deviceName,
  devicesName,
  findDevices,
  type GpuDevice,
} from '#tensorflow-runtime';
import type { CommandDevice } from '../../apps/cli/src/local-stack/command-device.js';

/** The device that is checked, and those like it. */
export type Target =
  | { readonly kind: 'cpu'; readonly description: string; readonly numDevices: number }
  | {
      readonly kind: 'gpu';
      readonly description: string;
      readonly numDevices: number;
      /** The one that is checked first. */
      readonly devices: readonly GpuDevice[];
    };

/**
 * @param device `cpu`, `auto` for the GPU with the most memory free, or index or UUID of a GPU or a slice
 * @param visible CUDA_VISIBLE_DEVICES as it was given
 * @throws RefusedInputError where there is no such GPU
 */
export async function findTarget(device: string, visible?: string): Promise<Target> {
  // Two workers may share a CPU: each has its own engine threads.
  if (device === 'cpu') return { kind: 'cpu', description: 'CPU', numDevices: 2 };
  const [chosen] = (await findDevices({ device, visible })).devices;
  if (chosen === undefined) {
    throw new RefusedInputError('there is no GPU; --device cpu checks the same on the CPU with small sizes', [
      { path: '--device', message: 'nvidia-smi is not on the PATH, or CUDA_VISIBLE_DEVICES hides all' },
    ]);
  }
  const all = (await findDevices({ device: 'auto', visible })).devices;
  const devices = [chosen, ...all.filter(({ uuid }) => uuid !== chosen.uuid)];
  return { kind: 'gpu', description: deviceName(chosen), numDevices: devices.length, devices };
}

/** The value of SKIPLANE_DEVICE for the worker `index`: the device that is checked, then those after it. */
export function workerDevice(target: Target, index: number): string {
  return target.kind === 'cpu' ? 'cpu' : (target.devices[index % target.numDevices]?.uuid ?? 'auto');
}

/** Workers say `CPU x 2` or the name of their device. */
export function isOnTarget(target: Target, device: string): boolean {
  if (target.kind === 'cpu') return device.startsWith('CPU');
  return target.devices.some((one) => deviceName(one) === device);
}

/** Devices of the first one's kind for one process of our own, claimed as workers claim them, with a worker's environment. */
export async function claimTarget(target: Target, count = 1): Promise<CommandDevice> {
  const bits = bitsEnvironment('exact');
  if (target.kind === 'cpu') {
    return { gpu: null, env: { ...deviceEnvironment([]), ...bits }, release: async () => undefined };
  }
  const [first] = target.devices;
  const alike = target.devices.filter(({ name }) => name === first?.name);
  const found = { devices: alike.slice(0, count), faults: [], users: [] };
  const claim = await claimDevices(found, `gpu-check, process ${process.pid}`);
  const env = { ...deviceEnvironment(claim.devices), ...bits };
  return { gpu: devicesName(claim.devices), env, release: () => claim.release() };
}
