import { hostname } from 'node:os';
import {
  bitsEnvironment,
  claimDevice,
  deviceEnvironment,
  deviceName,
  DeviceRefusedError,
  findDevices,
  probeTensorflow,
} from '#tensorflow-runtime';
import type { StackConfig } from './stack-config.js';

/** What a command's own process of TensorFlow computes on. */
export interface CommandDevice {
  /** Null: the CPU. */
  readonly gpu: string | null;
  /** For that process. */
  readonly env: Readonly<Record<string, string>>;
  /** When that process has ended. */
  release(): Promise<void>;
}

/**
 * Claims a free GPU as workers do, or finds that there is none and the CPU computes.
 * @param note told what is wrong beside it and who else computes on it
 * @throws DeviceRefusedError where a GPU should be computed on and cannot be
 */
export async function claimCommandDevice(
  config: StackConfig,
  command: string,
  note: (line: string) => void,
): Promise<CommandDevice> {
  const isPortable = config.engine === 'portable';
  const found = await findDevices({ device: isPortable ? 'cpu' : config.device, visible: config.visibleDevices });
  if (found.devices.length === 0) {
    return { gpu: null, env: deviceEnvironment([]), release: async () => undefined };
  }
  const claim = await claimDevice(found, `skiplane ${command}, process ${process.pid} on ${hostname()}`);
  const gpu = deviceName(claim.device);
  for (const warning of claim.warnings) note(warning);
  const env = { ...deviceEnvironment(claim.devices), ...bitsEnvironment('exact') };
  const probe = await probeTensorflow(env);
  if (typeof probe !== 'string' && probe.usesGpu) return { gpu, env, release: () => claim.release() };
  await claim.release();
  const why = typeof probe === 'string' ? probe : 'it sees none; `skiplane doctor` checks library and driver';
  throw new DeviceRefusedError(`${gpu} was claimed, but TensorFlow does not compute on it: ${why}`);
}
