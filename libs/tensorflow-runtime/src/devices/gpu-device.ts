/** One thing to compute on: a GPU, or a slice of one (MIG). */
export interface GpuDevice {
  /** As `nvidia-smi -L` counts: `0`; of a slice `0:3`. */
  readonly index: string;
  /** Unique over hosts: `GPU-…` or `MIG-…`. */
  readonly uuid: string;
  /** Of the GPU: `NVIDIA H100 80GB HBM3`. */
  readonly name: string;
  /** Of a slice: what it was cut as, and of which GPU. */
  readonly slice: { readonly profile: string; readonly gpuUuid: string } | null;
}

/** `GPUs 0, 1, 3 NVIDIA H100`: devices of one kind. */
export function devicesName(devices: readonly GpuDevice[]): string {
  const [first, ...others] = devices;
  if (!first) return 'CPU';
  if (others.length === 0) return deviceName(first);
  return `GPUs ${devices.map(({ index }) => index).join(', ')} ${first.name}`;
}

/** What TensorFlow calls them in a process that is shown these devices, in this order. */
export function devicesInGraph(devices: readonly GpuDevice[]): readonly string[] {
  return devices.map((_, index) => `/device:GPU:${index}`);
}

/** `GPU 0 NVIDIA H100`, `GPU 0:3 NVIDIA A100 MIG 1g.10gb`. */
export function deviceName({ index, name, slice }: GpuDevice): string {
  return `GPU ${index} ${name}${slice === null ? '' : ` MIG ${slice.profile}`}`;
}
