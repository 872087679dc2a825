import type { GpuDevice } from './gpu-device.js';
import { askDriver, type DriverOptions } from './nvidia-smi.js';

/** What the driver shows. */
export interface GpuSurvey {
  /** False: no driver tool is on the PATH, this is a machine without GPUs. */
  readonly hasDriver: boolean;
  /** Healthy GPUs in the driver's order; in place of one that is cut, its slices (MIG). */
  readonly devices: readonly GpuDevice[];
  /** What is wrong with the driver or with single GPUs, each in words. */
  readonly faults: readonly string[];
}

/** Looks which GPUs and slices there are. Never rejects. */
export async function surveyGpus(options: DriverOptions = {}): Promise<GpuSurvey> {
  const [rows, list] = await Promise.all([
    askDriver(['--query-gpu=index,uuid,name', '--format=csv,noheader'], options),
    askDriver(['-L'], options),
  ]);
  if (rows === null || list === null) return { hasDriver: false, devices: [], faults: [] };
  if (!rows.ok) return { hasDriver: true, devices: [], faults: [rows.why] };
  if (!list.ok) return { hasDriver: true, devices: [], faults: [list.why] };
  const gpus = parseGpus(rows.text);
  const { slices, faults } = parseList(list.text);
  const devices = gpus.devices.flatMap((gpu) => {
    const own = slices.filter(({ slice }) => slice.gpuUuid === gpu.uuid);
    return own.length > 0 ? own : [gpu];
  });
  const found = [...gpus.faults, ...faults];
  if (devices.length === 0 && found.length === 0) found.push('nvidia-smi shows no GPU');
  return { hasDriver: true, devices, faults: found };
}

/** Parses `--query-gpu=index,uuid,name --format=csv,noheader`. */
function parseGpus(csv: string): Pick<GpuSurvey, 'devices' | 'faults'> {
  const devices: GpuDevice[] = [];
  const faults: string[] = [];
  for (const line of csv.split('\n').map((text) => text.trim())) {
    const [, index, uuid, name] = /^(\d+), (GPU-[\w-]+), ([^[\]]+)$/.exec(line) ?? [];
    if (index !== undefined && uuid !== undefined && name !== undefined) {
      devices.push({ index, uuid, name, slice: null });
      continue;
    }
    const [, sick, words] = /^(\d+), (.*)$/.exec(line) ?? [];
    if (sick !== undefined) faults.push(`GPU ${sick} is not healthy, nvidia-smi says of it: ${words ?? ''}`);
    else if (line !== '') faults.push(`nvidia-smi says: ${line}`);
  }
  return { devices, faults };
}

type Slice = GpuDevice & { readonly slice: NonNullable<GpuDevice['slice']> };

/** Parses `-L`, which alone names the slices. */
function parseList(text: string): { readonly slices: readonly Slice[]; readonly faults: readonly string[] } {
  const slices: Slice[] = [];
  const faults: string[] = [];
  let gpu = { index: '', name: '', uuid: '' };
  for (const line of text.split('\n').map((each) => each.trim())) {
    const [, index, name, uuid] = /^GPU (\d+): (.*) \(UUID: (GPU-[\w-]+)\)$/.exec(line) ?? [];
    if (index !== undefined && name !== undefined && uuid !== undefined) {
      gpu = { index, name, uuid };
      continue;
    }
    const [, profile, device, sliceUuid] = /^MIG (\S+)\s+Device\s+(\d+): \(UUID: (MIG-[\w/-]+)\)$/.exec(line) ?? [];
    if (profile !== undefined && device !== undefined && sliceUuid !== undefined) {
      const slice = { profile, gpuUuid: gpu.uuid };
      slices.push({ index: `${gpu.index}:${device}`, uuid: sliceUuid, name: gpu.name, slice });
    } else if (line !== '' && !line.startsWith('GPU ')) faults.push(`nvidia-smi says: ${line}`);
  }
  return { slices, faults };
}
