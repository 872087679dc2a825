import type { PinnedWheel } from '#provision';

/** The TensorFlow that the graphs are written for and tested with. */
const TENSORFLOW_VERSION = '2.21.0';

/** Which library is linked: `gpu` also opens CUDA and needs NVIDIA's own libraries beside it. */
export type BindingVariant = 'cpu' | 'gpu';

const COMMON = { version: TENSORFLOW_VERSION, pythonVersion: '311' } as const;

/** By variant, system and processor. Only the libraries and headers inside are used, never the Python half. */
const WHEELS: Readonly<Record<string, PinnedWheel>> = {
  'cpu-linux-x64': {
    ...COMMON,
    project: 'tensorflow-cpu',
    fileName: 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
    sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
    sizeBytes: 273_829_956,
    platform: 'manylinux_2_27_x86_64',
  },
  'cpu-linux-arm64': {
    ...COMMON,
    project: 'tensorflow',
    fileName: 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_aarch64.whl',
    sha256: '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
    sizeBytes: 290_000_000,
    platform: 'manylinux_2_27_aarch64',
  },
  'gpu-linux-x64': {
    ...COMMON,
    project: 'tensorflow',
    fileName: 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
    sha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
    sizeBytes: 572_000_000,
    platform: 'manylinux_2_27_x86_64',
  },
};

/** The wheel for this machine, or undefined where TensorFlow publishes none that the binding links against. */
export function tensorflowWheel(
  variant: BindingVariant,
  platform: string = process.platform,
  arch: string = process.arch,
): PinnedWheel | undefined {
  return WHEELS[`${variant}-${platform}-${arch}`];
}

/** Inside every wheel: the two libraries and the headers that the binding includes. */
export const WHEEL_LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'] as const;
export const WHEEL_INCLUDES = [
  'tensorflow/include/tensorflow/c/',
  'tensorflow/include/tensorflow/core/platform/',
  'tensorflow/include/tsl/',
  'tensorflow/include/xla/tsl/c/',
] as const;
