import type { GpuDevice } from './gpu-device.js';

/** Whether a GPU's bits are the same every time, or cuDNN may choose its algorithms by trial and add in any order. */
export type Bits = 'exact' | 'fast';

/** The processes of GPUs see these alone, in this order; those of a CPU none. */
export function deviceEnvironment(devices: readonly GpuDevice[]): Readonly<Record<string, string>> {
  if (devices.length === 0) return { CUDA_VISIBLE_DEVICES: '' };
  // As much memory as is needed, when it is needed: else TensorFlow takes nearly all of the GPU when it loads.
  const growth = process.env['TF_FORCE_GPU_ALLOW_GROWTH'] || 'true';
  return { CUDA_VISIBLE_DEVICES: devices.map(({ uuid }) => uuid).join(','), TF_FORCE_GPU_ALLOW_GROWTH: growth };
}

/** TensorFlow reads these once, when its first operation runs. */
export function bitsEnvironment(bits: Bits): Readonly<Record<string, string>> {
  const isExact = bits === 'exact';
  return { TF_DETERMINISTIC_OPS: isExact ? '1' : '0', TF_CUDNN_USE_AUTOTUNE: isExact ? '0' : '1' };
}
