import type { GpuDevice } from '#tensorflow-runtime';

/** What the bits of a GPU depend on. */
export interface GpuFacts {
  readonly tensorflow: string;
  readonly device: GpuDevice;
  /** Versions by the names of their wheels. */
  readonly libraries: Readonly<Record<string, string>>;
  /** `NVIDIA_TF32_OVERRIDE`. */
  readonly tf32Override: string | undefined;
}

/** Those that compute; the others carry, measure or compile. */
const COMPUTING =
  /^nvidia-(cublas|cudnn|cufft|curand|cusolver|cusparse|cuda-runtime|cuda-nvrtc|cuda-nvcc|nvjitlink)-cu\d+$/;

/**
 * The compute fingerprint of a GPU: TensorFlow, the GPU and, of a slice, what it was cut as, NVIDIA's libraries, TF32,
 * precision, and whether the bits are exact. TensorFlow's version and the GPU come first: older records say only these.
 */
export function gpuFingerprint({ tensorflow, device, libraries, tf32Override }: GpuFacts): string {
  const versions = Object.entries(libraries).flatMap(([wheel, version]) => {
    const name = COMPUTING.exec(wheel)?.[1];
    return name === undefined ? [] : [`${name}-${version}`];
  });
  return [
    'graph',
    `tensorflow-${tensorflow}`,
    device.name.replaceAll(/[ /]/g, '-'),
    ...(device.slice === null ? [] : [`mig-${device.slice.profile}`]),
    versions.length > 0 ? versions.join('+') : 'unknown-libraries',
    tf32Override === '0' ? 'no-tf32' : 'tf32',
    'fp32',
    'exact',
  ].join('/');
}
