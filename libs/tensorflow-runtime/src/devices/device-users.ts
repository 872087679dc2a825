import type { GpuDevice } from './gpu-device.js';
import { askDriver, type DriverOptions } from './nvidia-smi.js';

/** A program that computes on a GPU. */
export interface DeviceUser {
  readonly gpuUuid: string;
  readonly pid: number;
  readonly program: string;
  /** Null where the driver does not tell. */
  readonly usedMib: number | null;
}

/** Programs that compute on a GPU now, as far as the driver tells: inside a container it may not. Never rejects. */
export async function deviceUsers(options: DriverOptions = {}): Promise<readonly DeviceUser[]> {
  const query = '--query-compute-apps=gpu_uuid,pid,process_name,used_memory';
  const answer = await askDriver([query, '--format=csv,noheader,nounits'], options);
  if (answer?.ok !== true) return [];
  return answer.text.split('\n').flatMap((line) => {
    const [, gpuUuid, pid, program, used] = /^((?:GPU|MIG)-[\w/-]+), (\d+), (.*), ([^,]+)$/.exec(line.trim()) ?? [];
    if (gpuUuid === undefined || program === undefined) return [];
    const usedMib = Number(used);
    return [{ gpuUuid, pid: Number(pid), program, usedMib: Number.isFinite(usedMib) ? usedMib : null }];
  });
}

/** Others than this process on a device; of a slice, on its GPU: the driver does not always tell slices apart. */
export function othersOn({ uuid, slice }: GpuDevice, users: readonly DeviceUser[]): readonly DeviceUser[] {
  return users.filter(({ gpuUuid, pid }) => (gpuUuid === uuid || gpuUuid === slice?.gpuUuid) && pid !== process.pid);
}

/** `process 4711 (python, 70,000 MiB)`. */
export function userText({ pid, program, usedMib }: DeviceUser): string {
  const memory = usedMib === null ? '' : `, ${usedMib.toLocaleString('en-US')} MiB`;
  return `process ${pid} (${program}${memory})`;
}
