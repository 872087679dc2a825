import {
  deviceName,
  DeviceRefusedError,
  findDevices,
  holderOfDevice,
  othersOn,
  userText,
  type DeviceWish,
} from '#tensorflow-runtime';
import type { Finding } from './finding.js';

const SUBJECT = 'GPU';

/**
 * Which GPUs and slices a worker could claim, what is wrong with the others, and who uses them.
 * @param usesGpu whether TensorFlow sees one
 */
export async function checkGpus(wish: DeviceWish, usesGpu: boolean): Promise<readonly Finding[]> {
  if (wish.device === 'cpu') return [ok('left alone (SKIPLANE_DEVICE=cpu); training uses the CPU')];
  try {
    const { devices, faults, users } = await findDevices(wish);
    if (devices.length === 0) {
      const why = wish.visible === undefined ? 'there is no nvidia-smi' : `CUDA_VISIBLE_DEVICES=${wish.visible}`;
      return [ok(`none (${why}); training uses the CPU`)];
    }
    const found = ok(`${devices.length}: ${devices.map(deviceName).join(', ')}`);
    const findings: Finding[] = [usesGpu ? found : { ...found, status: 'fail', advice: UNSEEN }];
    for (const fault of faults) findings.push({ subject: SUBJECT, status: 'warn', detail: fault });
    for (const device of devices) {
      const others = othersOn(device, users).map(userText);
      const shared = `${deviceName(device)} is also used by ${others.join(', ')}`;
      if (others.length > 0) findings.push({ subject: SUBJECT, status: 'warn', detail: shared, advice: SHARED });
      const holder = await holderOfDevice(device);
      if (holder !== null) findings.push(ok(`${deviceName(device)} is held by ${holder}`));
    }
    return findings;
  } catch (error) {
    if (!(error instanceof DeviceRefusedError)) throw error;
    return [{ subject: SUBJECT, status: 'fail', detail: error.message, advice: BROKEN }];
  }
}

const UNSEEN =
  'TensorFlow does not see it, so workers refuse to train: run `skiplane provision`, look at the NVIDIA driver (CUDA 12.5 or newer), or set SKIPLANE_DEVICE=cpu';
const SHARED = 'it takes memory and time from training; workers take such a GPU last';
const BROKEN = 'workers refuse to train: mend the driver or the name, or set SKIPLANE_DEVICE=cpu';

const ok = (detail: string): Finding => ({ subject: SUBJECT, status: 'ok', detail });
